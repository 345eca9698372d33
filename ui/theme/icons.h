#pragma once

#include "ui/theme/theme.h"

#include <QIcon>
#include <QPixmap>

namespace hs::ui {

/// An icon of `resources/icons` drawn in the theme's colour for `token` whenever it is painted, at any pixel ratio; a
/// disabled one in Token::text3.
QIcon icon(const QString& name, Token token = Token::text2);

/// The same as a picture of `size` logical pixels.
QPixmap iconPixmap(const QString& name, Token token, int size, double pixelRatio);

} // namespace hs::ui
