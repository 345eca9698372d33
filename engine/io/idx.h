#pragma once

#include "engine/tensor/error.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace hs::io {

/// A file that cannot be read, or that is not what it should be. The text names the file, the place in it and the
/// reason: `train-labels-idx1-ubyte.gz: at byte 0 of the unpacked data: ...`.
struct FileError : Error {
    using Error::Error;
};

/// An array of bytes as an IDX file holds it, row-major.
struct IdxArray {
    std::vector<std::int64_t> shape; ///< 1 to 8 dimensions, outermost first: [60000, 28, 28]
    std::vector<std::uint8_t> bytes; ///< exactly as many as the product of `shape`
};

/// Reads an IDX file of unsigned bytes (`idx1-ubyte`, `idx3-ubyte`), gzipped or plain. The format, from the page of
/// the MNIST database: two zero bytes, the element type (0x08), the number of dimensions, each size as a big-endian
/// 32-bit integer, then the elements.
///
/// The file is taken as hostile: nothing is allocated on the word of its header, only as data arrives, and never more
/// than the header announces. Throws FileError when the file is missing, cut short, damaged or longer than it says.
IdxArray read_idx(const std::filesystem::path& file);

/// The shape that the file's header announces, after checking what can be checked without unpacking all of it: the
/// header itself, and that the unpacked length which gzip stores at the file's end agrees with it. Takes under a
/// millisecond. Throws FileError as read_idx does.
std::vector<std::int64_t> check_idx(const std::filesystem::path& file);

} // namespace hs::io
