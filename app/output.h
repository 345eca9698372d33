#pragma once

#include <QByteArray>

#include <filesystem>

namespace hs::app {

/// Throws InputError when files could not be made in the folder, or when it could not be made itself. Leaves nothing
/// behind: what is asked before a training starts must not look like its result.
void check_output_folder(const std::string& option, const std::filesystem::path& folder);

/// The same for a file and the folder that it is in.
void check_output_file(const std::string& option, const std::filesystem::path& file);

/// Writes a temporary file beside `file`, brings it to the disk and renames it, so that a reader finds the old file,
/// the new file, or none. Makes missing folders. Throws std::runtime_error, with the reason, and leaves nothing.
void write_file(const std::filesystem::path& file, const QByteArray& bytes);

} // namespace hs::app
