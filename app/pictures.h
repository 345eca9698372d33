#pragma once

#include <filesystem>
#include <string>
#include <vector>

class QMainWindow;

namespace hs::app {

/// Leaves a PNG of the whole window and one of each of its views (its centre and each dock, hidden ones too) in
/// `folder`, under the views' object names: `window.png`, `gradients.png`. Returns the file names. Throws
/// std::runtime_error when one cannot be written; each is there whole or not at all.
std::vector<std::string> save_pictures(QMainWindow& window, const std::filesystem::path& folder);

} // namespace hs::app
