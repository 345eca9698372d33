#pragma once

#include "ui/theme/theme.h"

#include <QString>
#include <QWidget>

#include <vector>

namespace hs::ui {

/// One label and its value.
struct Fact {
    QString label = {};
    QString value = {};
    Token color = Token::text;
    QString more = {}; ///< stands behind the value, in `moreColor`
    Token moreColor = Token::text;
    QString toolTip = {};

    bool operator==(const Fact&) const = default;
};

/// Facts in rows, painted: labels in the interface face, values in the fixed-width one. Values never wrap and are never
/// cut in the middle of a number; what does not fit is left out and stands in the tooltip.
class FactGrid : public QWidget {
    Q_OBJECT

  public:
    /// `columns` pairs of label and value in a row of `rowHeight` pixels. With `alignRight` values end at the right
    /// edge of their column.
    FactGrid(int columns, int rowHeight, bool alignRight, QWidget* parent = nullptr);

    void setFacts(std::vector<Fact> facts);
    /// Width that is kept for labels.
    void setLabelWidth(int width);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

  signals:
    void clicked(const QString& label);

  protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

  private:
    QRect cell(int index) const;

    std::vector<Fact> m_facts;
    int m_columns;
    int m_rowHeight;
    int m_labelWidth = 84;
    bool m_alignRight;
};

} // namespace hs::ui
