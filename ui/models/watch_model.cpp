#include "ui/models/watch_model.h"

#include "ui/models/change_list.h"
#include "ui/models/session_model.h"
#include "ui/theme/numbers.h"

#include <QUndoStack>

#include <algorithm>
#include <cmath>

namespace hs::ui {

using session::WatchedExpression;

namespace {

constexpr int laterMs = 16;
constexpr int mostTries = 250; // about four seconds; what takes longer is seen with the next change

bool sameRows(const WatchModel::List& a, const WatchModel::List& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& x, const auto& y) { return x.id == y.id; });
}

} // namespace

WatchModel::WatchModel(SessionModel& session, QUndoStack& undo, QObject* parent)
    : QAbstractTableModel(parent), m_session(session), m_undo(undo) {
    m_later.setSingleShot(true);
    connect(&m_later, &QTimer::timeout, this, &WatchModel::follow);
    connect(&session, &SessionModel::sourceChanged, this, [this] {
        if (watches() && !m_list.empty()) watches()->replace(m_list);
        take();
    });
    connect(&session, &SessionModel::traceChanged, this, &WatchModel::look);
    connect(&session, &SessionModel::figuresChanged, this, &WatchModel::take);
}

session::Watches* WatchModel::watches() const {
    return m_session.session() ? &m_session.session()->watches() : nullptr;
}

/// Asks what they are worth at the moment that is shown. While training runs, each step tells by itself.
void WatchModel::look() {
    if (!watches() || m_list.empty() || m_session.isRunning() || !m_session.trace()) return;
    watches()->look_at(m_session.trace());
    m_tries = 0;
    m_later.start(laterMs);
}

void WatchModel::follow() {
    if (!watches()) return;
    const bool still = ++m_tries < mostTries && !watches()->wait_until_idle(0);
    take();
    if (still) m_later.start(laterMs);
}

void WatchModel::take() {
    if (!watches() || watches()->version() == m_version) return;
    m_version = watches()->version();
    List list = watches()->list();
    for (const WatchedExpression& one : list)
        m_lastId = std::max(m_lastId, one.id);
    if (sameRows(list, m_list)) {
        const auto sameText = [](const auto& x, const auto& y) { return x.text == y.text; };
        // What is being written in a row stays while its value changes.
        const bool texts = !std::equal(list.begin(), list.end(), m_list.begin(), m_list.end(), sameText);
        m_list = std::move(list);
        if (!m_list.empty())
            emit dataChanged(index(0, texts ? Expression : Value), index(rowCount() - 1, ColumnCount - 1));
    } else {
        beginResetModel();
        m_list = std::move(list);
        endResetModel();
    }
}

void WatchModel::apply(const List& list) {
    if (!watches()) return;
    watches()->replace(list);
    m_version = 0;
    take();
    look();
}

void WatchModel::push(const QString& text, List list) {
    m_undo.push(new ChangeList<WatchModel, List>(*this, text, m_list, std::move(list)));
}

void WatchModel::add(const QString& text) {
    const QString trimmed = text.trimmed();
    if (trimmed.isEmpty() || !watches()) return;
    List list = m_list;
    WatchedExpression one;
    one.id = ++m_lastId;
    one.text = trimmed.toStdString();
    list.push_back(std::move(one));
    push(tr("add watch"), std::move(list));
}

void WatchModel::remove(int row) {
    if (!watches()) return;
    List list = m_list;
    list.erase(list.begin() + row);
    push(tr("remove watch"), std::move(list));
}

bool WatchModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    const std::string text = value.toString().trimmed().toStdString();
    if (!watches() || role != Qt::EditRole || index.column() != Expression || text.empty()) return false;
    if (text == at(index.row()).text) return true;
    List list = m_list;
    list[static_cast<std::size_t>(index.row())].text = text;
    push(tr("change watch"), std::move(list));
    return true;
}

QStringList WatchModel::names() const {
    QStringList names{QStringLiteral("loss")};
    if (!m_session.modules()) return names;
    for (const trace::Module& module : *m_session.modules()) {
        const QString start = module.path.empty() ? QString() : QString::fromStdString(module.path) + QLatin1Char('.');
        for (const trace::Member& member : module.members) {
            const QString name = start + QString::fromStdString(member.name);
            names.append(name);
            if (!member.is_buffer) names.append(name + QStringLiteral(".grad.norm()"));
        }
        names.append(start + QStringLiteral("output.mean()"));
        names.append(start + QStringLiteral("output.grad.norm()"));
    }
    return names;
}

int WatchModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_list.size());
}

int WatchModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

Qt::ItemFlags WatchModel::flags(const QModelIndex& index) const {
    const Qt::ItemFlags usual = QAbstractTableModel::flags(index);
    return index.column() == Expression ? usual | Qt::ItemIsEditable : usual;
}

QString WatchModel::valueText(const WatchedExpression& one) const {
    if (!one.error.empty())
        return one.column ? tr("Column %1: %2").arg(one.column).arg(QString::fromStdString(one.error))
                          : QString::fromStdString(one.error);
    const auto has = [&](const char* any) { return one.value.find_first_of(any) != std::string::npos; };
    // True is a number too; an integer has no point in its printed text, and is exact.
    if (one.number && has("TF")) return QString::fromStdString(one.value);
    if (one.number && !has(".") && std::fabs(*one.number) < 1e15)
        return formatCount(static_cast<std::int64_t>(*one.number));
    if (one.number) return formatNumber(*one.number);
    return one.value.empty() ? QStringLiteral("–") : QString::fromStdString(one.value);
}

QString WatchModel::toolTip(const WatchedExpression& one) const {
    QString tip = QString::fromStdString(one.text) + QLatin1Char('\n');
    tip += one.error.empty() && one.number ? QString::fromStdString(one.value) : valueText(one);
    if (one.history.empty()) return tip;
    tip += QLatin1Char('\n') + tr("Steps %1 to %2, %3 of them evaluated")
                                   .arg(formatCount(one.history.front().step), formatCount(one.history.back().step),
                                        formatCount(static_cast<std::int64_t>(one.history.size())));
    const auto jump = std::find_if(one.history.rbegin(), one.history.rend(), [](const auto& p) { return p.jump; });
    if (jump != one.history.rend())
        tip += QLatin1Char('\n') +
               tr("Last jump in step %1, to %2").arg(formatCount(jump->step), formatNumber(jump->value));
    return tip;
}

QVariant WatchModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) return {};
    const WatchedExpression& one = at(index.row());
    if (role == Qt::ToolTipRole) return toolTip(one);
    if (role == Qt::EditRole && index.column() == Expression) return QString::fromStdString(one.text);
    if (role == Qt::DisplayRole && index.column() == Expression) return QString::fromStdString(one.text);
    if (role == Qt::DisplayRole && index.column() == Value) return valueText(one);
    if (role == Qt::AccessibleTextRole && index.column() == History) return toolTip(one);
    return {};
}

QVariant WatchModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal) return {};
    switch (section) {
    case Expression:
        return tr("Expression");
    case Value:
        return tr("Value");
    case History:
        return tr("Ends of the last steps");
    default:
        return {};
    }
}

} // namespace hs::ui
