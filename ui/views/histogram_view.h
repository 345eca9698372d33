#pragma once

#include "engine/trace/summary.h"
#include "ui/theme/theme.h"

#include <QWidget>

#include <optional>

namespace hs::ui {

/// The 64 bins of a Summary as bars, with the axis written below. The bin under the pointer is in the tooltip.
class HistogramView : public QWidget {
    Q_OBJECT

  public:
    explicit HistogramView(QWidget* parent = nullptr);

    void setSummary(const std::optional<trace::Summary>& summary, Token color);

    QSize sizeHint() const override { return {280, 84}; }
    QSize minimumSizeHint() const override { return {120, 84}; }

  protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

  private:
    QRectF plot() const;
    void paintAxis(QPainter& painter, const QRectF& plot) const;

    std::optional<trace::Summary> m_summary;
    Token m_color = Token::forward;
};

} // namespace hs::ui
