#pragma once

#include "engine/session/chain_rule.h"

#include <QWidget>

#include <memory>

class QPainter;

namespace hs::ui {

/// Incoming gradient times local derivative is outgoing gradient, painted: for an elementwise operation as three small
/// maps, and for one element as numbers. A click or the arrow keys pick another element of the maps.
class MicroscopeFigure : public QWidget {
    Q_OBJECT

  public:
    explicit MicroscopeFigure(QWidget* parent = nullptr);

    /// `hasRun`: at the moment that is shown, the node has run.
    void show(std::shared_ptr<const session::ChainRule> rule, bool hasRun);
    /// The numbers in a row, as they are painted.
    QString text() const;
    /// The map of number `index` (0 to 2) in the widget.
    QRect mapRect(int index) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {200, sizeHint().height()}; }

  signals:
    void picked(qint64 position);

  protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

  private:
    bool hasMaps() const;
    void paintMap(QPainter& painter, int index, const std::vector<double>& values) const;
    void pick(std::int64_t row, std::int64_t column);

    std::shared_ptr<const session::ChainRule> m_rule;
    bool m_hasRun = false;
};

/// A part of the local Jacobian as a table: rows are outputs, columns inputs.
class MicroscopeSlice : public QWidget {
    Q_OBJECT

  public:
    explicit MicroscopeSlice(QWidget* parent = nullptr);

    void show(std::shared_ptr<const session::ChainRule> rule);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {200, sizeHint().height()}; }

  protected:
    void paintEvent(QPaintEvent* event) override;

  private:
    std::shared_ptr<const session::ChainRule> m_rule;
};

} // namespace hs::ui
