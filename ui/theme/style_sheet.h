#pragma once

#include <QString>

namespace hs::ui {

class Theme;

/// The application's style sheet: `resources/themes/window.qss` with `@token` replaced by the theme's colours.
QString makeStyleSheet(const Theme& theme);

} // namespace hs::ui
