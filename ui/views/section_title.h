#pragma once

#include <QWidget>

class QHBoxLayout;

namespace hs::ui {

/// A title inside a panel, under a hairline, with room for controls at its right.
class SectionTitle : public QWidget {
    Q_OBJECT

  public:
    explicit SectionTitle(const QString& title, QWidget* parent = nullptr);

    void addWidget(QWidget* widget);
    void addStretch();

  protected:
    void paintEvent(QPaintEvent* event) override;

  private:
    QHBoxLayout* m_row;
};

} // namespace hs::ui
