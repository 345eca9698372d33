#pragma once

#include <QString>

class QFontMetrics;

namespace hs::ui {

/// As many leading parts of `text` (joined by " · ") as fit into `width` pixels: a line that is too long loses whole
/// parts, never half a number.
QString fittingParts(const QString& text, const QFontMetrics& metrics, int width);

} // namespace hs::ui
