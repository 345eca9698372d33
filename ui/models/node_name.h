#pragma once

#include <QString>

#include <string>

namespace hs::ui {

/// `Convolution` of `ConvolutionBackward0`, for where there is little room; other names as they are.
QString shortNodeName(const std::string& node);

} // namespace hs::ui
