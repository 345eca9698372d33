#pragma once

#include <QProxyStyle>

namespace hs::ui {

/// What the style sheet cannot say: metrics, the focus ring, arrows in the theme's colours, no frames.
class Style : public QProxyStyle {
    Q_OBJECT

  public:
    Style();

    int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                  QStyleHintReturn* data) const override;
    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget) const override;
    void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override;
};

} // namespace hs::ui
