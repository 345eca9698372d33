#pragma once

#include <QWidget>

namespace hs::ui {

class ValueColors;
class ValuesModel;

/// The planes of a tensor side by side as small maps: all indices of the last fixed dimension
/// that has more than one, the shown one ringed. A
/// click or the arrow keys choose another. Below them the range of the colours. Planes that do not fit are scrolled to.
class MapStrip : public QWidget {
    Q_OBJECT

  public:
    /// Both must outlive the strip.
    MapStrip(ValuesModel& model, const ValueColors& colors, QWidget* parent = nullptr);

    QSize sizeHint() const override { return {280, 64}; }
    QSize minimumSizeHint() const override { return {120, 64}; }

  protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

  private:
    struct Places;
    Places places() const;
    QImage plane(std::int64_t index) const;
    int dimension() const;
    int chosen() const;
    void choose(int plane);
    void paintLegend(QPainter& painter) const;

    ValuesModel& m_model;
    const ValueColors& m_colors;
};

} // namespace hs::ui
