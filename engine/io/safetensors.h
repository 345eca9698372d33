#pragma once

#include "engine/tensor/tensor.h"

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace hs::io {

/// Tensors by name, as a `.safetensors` file holds them: 8 bytes little-endian length of a JSON header, the header
/// (name -> dtype, shape, data_offsets), then the bytes, row-major and little-endian. The file is taken as hostile:
/// offsets, shapes and dtypes are checked against each other and against the file's length before anything is read,
/// no name may come twice, and the tensors cover the data without a gap.
/// Throws FileError that names the file, the tensor and the reason.
std::map<std::string, Tensor> read_safetensors(const std::filesystem::path& file);

/// Writes such a file, of a state_dict() for instance, in the order given. It appears under its name when it is whole.
/// Throws ValueError for a name that comes twice, or that the format keeps for itself (`__metadata__`), and FileError
/// where the file cannot be written.
void write_safetensors(const std::filesystem::path& file, const std::vector<std::pair<std::string, Tensor>>& tensors);

} // namespace hs::io
