#include "ui/theme/style.h"

#include "ui/theme/theme.h"

#include <QAbstractScrollArea>
#include <QFocusFrame>
#include <QPainter>
#include <QStyleFactory>
#include <QStyleOption>

namespace hs::ui {

namespace {

constexpr int focusGap = 2;
constexpr int focusLine = 2;

void drawArrow(QPainter* painter, const QRect& rect, Qt::ArrowType direction) {
    const QPointF c = QRectF(rect).center();
    constexpr double reach = 3.5;
    QPolygonF line;
    switch (direction) {
    case Qt::UpArrow:
        line << c + QPointF(-reach, reach / 2) << c + QPointF(0, -reach / 2) << c + QPointF(reach, reach / 2);
        break;
    case Qt::RightArrow:
        line << c + QPointF(-reach / 2, -reach) << c + QPointF(reach / 2, 0) << c + QPointF(-reach / 2, reach);
        break;
    case Qt::LeftArrow:
        line << c + QPointF(reach / 2, -reach) << c + QPointF(-reach / 2, 0) << c + QPointF(reach / 2, reach);
        break;
    default:
        line << c + QPointF(-reach, -reach / 2) << c + QPointF(0, reach / 2) << c + QPointF(reach, -reach / 2);
        break;
    }
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(theme().color(Token::text3), 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter->setBrush(Qt::NoBrush);
    painter->drawPolyline(line);
    painter->restore();
}

} // namespace

Style::Style() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))) {}

int Style::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const {
    switch (metric) {
    case PM_DockWidgetSeparatorExtent:
    case PM_SplitterWidth:
        return 1;
    case PM_DockWidgetFrameWidth:
    case PM_DefaultFrameWidth:
    case PM_ToolBarFrameWidth:
        return 0;
    case PM_FocusFrameHMargin:
    case PM_FocusFrameVMargin: {
        // Around what fills a panel the ring has no room outside.
        const auto* frame = qobject_cast<const QFocusFrame*>(widget);
        return frame && qobject_cast<QAbstractScrollArea*>(frame->widget()) ? 0 : focusGap + focusLine;
    }
    case PM_ScrollBarExtent:
        return 10;
    case PM_TreeViewIndentation:
        return 13;
    case PM_SmallIconSize:
    case PM_ToolBarIconSize:
    case PM_ButtonIconSize:
        return 16;
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int Style::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* data) const {
    switch (hint) {
    case SH_ItemView_ShowDecorationSelected:
        return 1;
    case SH_EtchDisabledText:
    case SH_DitherDisabledText:
        return 0;
    case SH_ToolTip_WakeUpDelay:
        return 400;
    case SH_Widget_Animation_Duration:
        return theme().duration(120);
    default:
        return QProxyStyle::styleHint(hint, option, widget, data);
    }
}

void Style::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                          const QWidget* widget) const {
    switch (element) {
    case PE_FrameFocusRect:
    case PE_Frame:
        return;
    case PE_IndicatorArrowDown:
        return drawArrow(painter, option->rect, Qt::DownArrow);
    case PE_IndicatorArrowUp:
        return drawArrow(painter, option->rect, Qt::UpArrow);
    case PE_IndicatorArrowLeft:
        return drawArrow(painter, option->rect, Qt::LeftArrow);
    case PE_IndicatorArrowRight:
        return drawArrow(painter, option->rect, Qt::RightArrow);
    case PE_IndicatorSpinUp:
        return drawArrow(painter, option->rect, Qt::UpArrow);
    case PE_IndicatorSpinDown:
        return drawArrow(painter, option->rect, Qt::DownArrow);
    case PE_IndicatorBranch:
        if (option->state & State_Children)
            drawArrow(painter, option->rect, option->state & State_Open ? Qt::DownArrow : Qt::RightArrow);
        return;
    default:
        QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
}

void Style::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                        const QWidget* widget) const {
    if (element == CE_FocusFrame) {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(QPen(theme().color(Token::text), focusLine));
        painter->setBrush(Qt::NoBrush);
        const double inset = focusLine / 2.0;
        painter->drawRoundedRect(QRectF(option->rect).adjusted(inset, inset, -inset, -inset), 8, 8);
        painter->restore();
        return;
    }
    if (element == CE_DockWidgetTitle || element == CE_ShapedFrame) return;
    QProxyStyle::drawControl(element, option, painter, widget);
}

} // namespace hs::ui
