#include "ui/views/element_view.h"

#include "engine/session/microscope.h"
#include "engine/session/session.h"
#include "ui/models/element_model.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/tensor_choice.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <optional>

namespace hs::ui {

namespace {

constexpr int elementRow = 22;
constexpr int elementRefreshMs = 250; ///< figures that people read change no more often

/// Numbers: gradients in their colour, the value strongest.
class ElementDelegate final : public QStyledItemDelegate {
  public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        const Theme& t = theme();
        if (option.state & QStyle::State_Selected) painter->fillRect(option.rect, t.color(Token::hover));
        const int column = index.column();
        painter->setFont(t.mono(TypeSize::annotation));
        painter->setPen(t.color(column == ElementModel::Gradient ? Token::backward
                                : column == ElementModel::Change ? Token::update
                                : column == ElementModel::Value  ? Token::text
                                                                 : Token::text2));
        painter->drawText(option.rect.adjusted(2, 0, column == ElementModel::Value ? -10 : -4, 0),
                          static_cast<int>(Qt::AlignRight | Qt::AlignVCenter), index.data().toString());
        painter->restore();
    }
};

} // namespace

/// The value over the steps, with the least and the greatest at its left.
class ElementCurve final : public QWidget {
  public:
    explicit ElementCurve(const ElementModel& model) : m_model(model) {
        setFixedHeight(96);
        setAccessibleName(ElementView::tr("Value over the training steps"));
    }

  protected:
    void paintEvent(QPaintEvent*) override {
        const auto& writes = m_model.writes();
        if (writes.empty()) return;
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const Theme& t = theme();
        double low = writes.front().before;
        double high = low;
        for (const session::ElementWrite& write : writes) {
            if (!std::isfinite(write.after)) continue;
            low = std::min(low, write.after);
            high = std::max(high, write.after);
        }
        const QFontMetrics metrics(t.mono(TypeSize::annotation));
        const int label =
            std::max(metrics.horizontalAdvance(formatNumber(low)), metrics.horizontalAdvance(formatNumber(high)));
        const QRectF area = QRectF(rect()).adjusted(12 + label + 8, 8, -12, -18);
        painter.setFont(t.mono(TypeSize::annotation));
        painter.setPen(t.color(Token::text2));
        const auto beside = [&](double y, double value) {
            painter.drawText(QRectF(12, y - 8, label, 16), Qt::AlignRight | Qt::AlignVCenter, formatNumber(value));
        };
        beside(area.top() + 4, high);
        if (high > low) beside(area.bottom() - 4, low);
        const QString first = formatCount(writes.front().first_step);
        const QString last = formatCount(writes.back().last_step);
        painter.drawText(QRectF(area.left(), area.bottom() + 2, area.width(), 14), Qt::AlignLeft, first);
        if (first != last)
            painter.drawText(QRectF(area.left(), area.bottom() + 2, area.width(), 14), Qt::AlignRight, last);
        painter.setPen(t.color(Token::line));
        painter.drawLine(area.bottomLeft(), area.bottomRight());
        const auto begin = static_cast<double>(writes.front().first_step);
        const double span = std::max(1.0, static_cast<double>(writes.back().last_step) + 1 - begin);
        const double height = high > low ? high - low : 1;
        const auto at = [&](double step, double value) {
            return QPointF(area.left() + (step - begin) / span * area.width(),
                           area.bottom() - (value - low) / height * area.height());
        };
        QPolygonF line{at(begin, writes.front().before)};
        for (const session::ElementWrite& write : writes)
            if (std::isfinite(write.after)) line << at(static_cast<double>(write.last_step) + 1, write.after);
        painter.setPen(QPen(t.color(Token::leaf), 1.6));
        painter.drawPolyline(line);
    }

  private:
    const ElementModel& m_model;
};

ElementView::ElementView(SessionModel& session, Selection& selection, QWidget* parent)
    : QWidget(parent), m_session(session), m_selection(selection), m_model(new ElementModel(this)), m_name(new QLabel),
      m_index(new QLineEdit), m_message(new QLabel), m_curve(new ElementCurve(*m_model)), m_table(new QTableView) {
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 8, 12, 4);
    head->setSpacing(8);
    m_name->setTextFormat(Qt::PlainText);
    m_name->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_index->setProperty("mono", true);
    m_index->setAccessibleName(tr("Index of the element"));
    m_index->setToolTip(tr("Index of the element, such as 0, 2. Enter follows it from the next step on"));
    m_index->setMaximumWidth(130);
    head->addWidget(m_name, 1);
    head->addWidget(m_index);
    m_message->setWordWrap(true);
    m_message->setContentsMargins(12, 0, 12, 0);
    m_table->setModel(m_model);
    m_table->setItemDelegate(new ElementDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setShowGrid(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setMinimumSectionSize(18);
    m_table->verticalHeader()->setDefaultSectionSize(elementRow);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setMinimumSectionSize(20);
    m_table->setAccessibleName(tr("Writes into the element"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addLayout(head);
    column->addWidget(m_message);
    column->addWidget(m_curve);
    column->addWidget(m_table, 1);
    setFocusProxy(m_index);

    m_refresh.setSingleShot(true);
    m_refresh.setInterval(elementRefreshMs);
    connect(&m_refresh, &QTimer::timeout, this, &ElementView::refresh);
    const auto later = [this] {
        if (isVisible() && !m_refresh.isActive()) m_refresh.start();
    };
    connect(m_index, &QLineEdit::returnPressed, this, &ElementView::follow);
    connect(&session, &SessionModel::recorded, this, later);
    connect(&session, &SessionModel::statusChanged, this, later);
    connect(&session, &SessionModel::modulesChanged, this, &ElementView::takeSelection);
    connect(&selection, &Selection::valueChanged, this, &ElementView::takeSelection);
    connect(&theme(), &Theme::changed, this, &ElementView::refresh);
    takeSelection();
}

/// A parameter that is selected becomes the one whose element is followed; anything else changes nothing.
void ElementView::takeSelection() {
    const trace::Module* module = findModule(m_session.modules().get(), m_selection.module());
    if (!module) return;
    const std::string wanted = m_selection.value() ? m_selection.value()->member.str() : std::string();
    for (const trace::Member& member : module->members) {
        if (member.is_buffer || (!wanted.empty() && member.name != wanted)) continue;
        const trace::ValueKey key{trace::Role::parameter, module->path, member.name};
        const bool sameShape = std::equal(m_shape.begin(), m_shape.end(), member.shape.begin(), member.shape.end());
        if (key == m_parameter && sameShape) return;
        m_parameter = key;
        m_shape.assign(member.shape.begin(), member.shape.end());
        m_index->setText(formatIndex(0, m_shape));
        refresh();
        return;
    }
}

void ElementView::follow() {
    QString error;
    const auto position = parseIndex(m_index->text(), m_shape, error);
    if (!position) {
        m_message->setText(tr("%1: %2").arg(QString::fromStdString(to_string(m_parameter)), error));
        return;
    }
    if (!m_session.session() || m_parameter.member.empty()) return;
    m_session.session()->microscope().element().follow(session::ElementHistory::Target{m_parameter, *position});
    refresh();
}

void ElementView::refresh() {
    if (!isVisible()) return;
    m_name->setFont(theme().font(TypeSize::base, QFont::DemiBold));
    m_message->setFont(theme().font(TypeSize::secondary));
    const QString name = QString::fromStdString(to_string(m_parameter));
    m_name->setText(name);
    m_name->setToolTip(name);
    session::Session* session = m_session.session();
    using Target = session::ElementHistory::Target;
    const std::optional<Target> target = session ? session->microscope().element().target() : std::nullopt;
    const Target followed = target.value_or(Target{});
    const bool isIt = target.has_value() && followed.parameter == m_parameter;
    m_model->setWrites(isIt ? session->microscope().element().writes() : std::vector<session::ElementWrite>());
    m_table->setVisible(!m_model->writes().empty());
    m_curve->setVisible(!m_model->writes().empty());
    if (!isIt)
        m_message->setText(tr("Name an element and press Enter: each write into it is listed from then on."));
    else if (m_model->writes().empty())
        m_message->setText(
            tr("%1 is followed from the next training step on.").arg(formatIndex(followed.position, m_shape)));
    else
        m_message->setText(tr("Element %1, %2 writes")
                               .arg(formatIndex(followed.position, m_shape),
                                    formatCount(static_cast<qint64>(m_model->writes().size()))));
    fitColumns();
    m_curve->update();
}

void ElementView::fitColumns() {
    const QFontMetrics metrics(theme().mono(TypeSize::annotation));
    const int seen = std::min(m_model->rowCount(), 40);
    for (int column = 0; column < ElementModel::columnCountOfAll; ++column) {
        int width = metrics.horizontalAdvance(m_model->headerData(column, Qt::Horizontal).toString()) + 8;
        for (int row = 0; row < seen; ++row)
            width = std::max(width, metrics.horizontalAdvance(m_model->index(row, column).data().toString()));
        m_table->setColumnWidth(column, width + (column == ElementModel::Value ? 16 : 9));
    }
}

void ElementView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    refresh();
}

} // namespace hs::ui
