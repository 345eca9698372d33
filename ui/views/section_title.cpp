#include "ui/views/section_title.h"

#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>

namespace hs::ui {

SectionTitle::SectionTitle(const QString& title, QWidget* parent) : QWidget(parent), m_row(new QHBoxLayout(this)) {
    m_row->setContentsMargins(0, 8, 0, 2);
    m_row->setSpacing(8);
    auto* label = new QLabel(title);
    label->setFont(theme().font(TypeSize::base, QFont::DemiBold));
    label->setFixedHeight(24);
    m_row->addWidget(label);
}

void SectionTitle::addWidget(QWidget* widget) {
    m_row->addWidget(widget);
}

void SectionTitle::addStretch() {
    m_row->addStretch();
}

void SectionTitle::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(0, 0, width(), 1, theme().color(Token::line));
}

} // namespace hs::ui
