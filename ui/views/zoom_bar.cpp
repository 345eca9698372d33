#include "ui/views/zoom_bar.h"

#include "ui/render/canvas_widget.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QToolButton>

namespace hs::ui {

namespace {

constexpr double zoomStep = 1.25;

} // namespace

ZoomBar::ZoomBar(CanvasWidget& canvas, QWidget* parent) : QFrame(parent), m_row(new QHBoxLayout(this)) {
    setProperty("segments", true);
    m_row->setContentsMargins(2, 1, 2, 1);
    m_row->setSpacing(0);
    auto* out = addButton(QStringLiteral("−"), tr("Zoom out (−)"));
    auto* zoom = addButton(QStringLiteral("100 %"), tr("Zoom to 100 % (0)"));
    auto* in = addButton(QStringLiteral("+"), tr("Zoom in (+)"));
    auto* fit = addButton(tr("Fit"), tr("Show everything (F)"));
    zoom->setFont(theme().mono(TypeSize::numbers));
    zoom->setMinimumWidth(58);
    connect(out, &QToolButton::clicked, &canvas, [&canvas] { canvas.zoomBy(1 / zoomStep); });
    connect(in, &QToolButton::clicked, &canvas, [&canvas] { canvas.zoomBy(zoomStep); });
    connect(zoom, &QToolButton::clicked, &canvas, [&canvas] { canvas.zoomBy(1 / canvas.camera().zoom); });
    connect(fit, &QToolButton::clicked, &canvas, [&canvas] { canvas.fit(); });
    connect(&canvas, &CanvasWidget::cameraChanged, zoom, [zoom](const Camera& camera) {
        const double percent = camera.zoom * 100;
        zoom->setText(QStringLiteral("%1 %").arg(percent, 0, 'f', percent < 9.5 ? 1 : 0));
    });
}

QToolButton* ZoomBar::addButton(const QString& text, const QString& tip) {
    auto* button = new QToolButton(this);
    button->setText(text);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setProperty("flat", true);
    button->setFocusPolicy(Qt::TabFocus);
    m_row->addWidget(button);
    return button;
}

} // namespace hs::ui
