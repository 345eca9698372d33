#pragma once

#include "ui/theme/theme.h"

#include <QList>
#include <QString>
#include <QWidget>

namespace hs::ui {

/// One entry of the status line: a word and a number, either may be empty.
struct StatusItem {
    QString label = {};
    QString value = {};
    QString toolTip = {};
    QString icon = {};
    Token color = Token::text;

    bool operator==(const StatusItem&) const = default;
};

/// The line at the bottom of the window, 26 px. Entries that do not fit are left out from the middle on: the first of
/// the left and the last of the right stay longest.
class StatusLine : public QWidget {
    Q_OBJECT

  public:
    explicit StatusLine(QWidget* parent = nullptr);

    void setItems(const QList<StatusItem>& left, const QList<StatusItem>& right);
    const QList<StatusItem>& leftItems() const { return m_left; }
    const QList<StatusItem>& rightItems() const { return m_right; }

    QSize sizeHint() const override { return {400, 26}; }
    QSize minimumSizeHint() const override { return {200, 26}; }

  protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool event(QEvent* event) override;

  private:
    struct Placed {
        StatusItem item;
        int x = 0;
        int width = 0;
    };
    void place();
    int widthOf(const StatusItem& item) const;

    QList<StatusItem> m_left;
    QList<StatusItem> m_right;
    QList<Placed> m_placed;
};

} // namespace hs::ui
