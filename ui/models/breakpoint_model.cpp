#include "ui/models/breakpoint_model.h"

#include "ui/models/change_list.h"
#include "ui/models/session_model.h"
#include "ui/theme/numbers.h"

#include <QUndoStack>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace hs::ui {

using session::Breakpoint;

namespace {

bool samePlace(const Breakpoint& a, const Breakpoint& b) {
    return a.place == b.place && a.name == b.name && a.inside == b.inside;
}

/// `path` is `outer` or lies in it.
bool liesIn(const std::string& path, const std::string& outer) {
    return outer.empty() || path == outer || path.starts_with(outer + ".");
}

} // namespace

BreakpointModel::BreakpointModel(SessionModel& session, QUndoStack& undo, QObject* parent)
    : QAbstractTableModel(parent), m_session(session), m_undo(undo) {
    connect(&session, &SessionModel::sourceChanged, this, [this] {
        if (breakpoints() && !m_list.empty()) breakpoints()->replace(m_list);
        take();
    });
    connect(&session, &SessionModel::modulesChanged, this, &BreakpointModel::take);
    connect(&session, &SessionModel::statusChanged, this, &BreakpointModel::follow);
}

session::Breakpoints* BreakpointModel::breakpoints() const {
    return m_session.session() ? &m_session.session()->breakpoints() : nullptr;
}

void BreakpointModel::follow() {
    if (breakpoints() && breakpoints()->version() != m_version) take();
}

void BreakpointModel::take() {
    if (!breakpoints()) return;
    m_version = breakpoints()->version();
    List list = breakpoints()->list();
    if (list == m_list) return;
    for (const Breakpoint& one : list)
        m_lastId = std::max(m_lastId, one.id);
    const auto sameId = [](const Breakpoint& a, const Breakpoint& b) { return a.id == b.id; };
    if (std::equal(list.begin(), list.end(), m_list.begin(), m_list.end(), sameId)) {
        m_list = std::move(list);
        emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    } else {
        beginResetModel();
        m_list = std::move(list);
        endResetModel();
    }
    emit changed();
}

void BreakpointModel::apply(const List& list) {
    if (!breakpoints()) return;
    breakpoints()->replace(list);
    take();
}

void BreakpointModel::push(const QString& text, List list) {
    m_undo.push(new ChangeList<BreakpointModel, List>(*this, text, m_list, std::move(list)));
}

QString BreakpointModel::refusal(const Breakpoint& breakpoint) const {
    if (!breakpoints()) return tr("Open a model first: a breakpoint names something in it.");
    try {
        breakpoints()->check(breakpoint);
    } catch (const std::invalid_argument& error) {
        QString text = QString::fromUtf8(error.what());
        text[0] = text[0].toUpper();
        return text + QLatin1Char('.');
    }
    return {};
}

QString BreakpointModel::add(const Breakpoint& breakpoint) {
    const QString why = refusal(breakpoint);
    if (!why.isEmpty()) return why;
    List list = m_list;
    list.push_back(breakpoint);
    list.back().id = ++m_lastId;
    push(tr("add breakpoint %1").arg(m_lastId), std::move(list));
    return {};
}

QString BreakpointModel::change(int row, const Breakpoint& breakpoint) {
    const QString why = refusal(breakpoint);
    if (!why.isEmpty()) return why;
    List list = m_list;
    Breakpoint& changed = list[static_cast<std::size_t>(row)];
    const int id = changed.id;
    changed = breakpoint;
    changed.id = id;
    push(tr("change breakpoint %1").arg(id), std::move(list));
    return {};
}

void BreakpointModel::remove(int row) {
    if (!breakpoints()) return;
    List list = m_list;
    const int id = at(row).id;
    list.erase(list.begin() + row);
    push(tr("remove breakpoint %1").arg(id), std::move(list));
}

void BreakpointModel::toggle(int row) {
    if (!breakpoints()) return;
    List list = m_list;
    Breakpoint& one = list[static_cast<std::size_t>(row)];
    one.enabled = !one.enabled;
    push((one.enabled ? tr("enable breakpoint %1") : tr("disable breakpoint %1")).arg(one.id), std::move(list));
}

QString BreakpointModel::toggleAt(const Breakpoint& breakpoint) {
    if (!breakpoints()) return refusal(breakpoint);
    List list = m_list;
    const auto there = std::erase_if(list, [&](const Breakpoint& one) { return samePlace(one, breakpoint); });
    if (there == 0) return add(breakpoint);
    push(tr("remove breakpoint"), std::move(list));
    return {};
}

BreakpointModel::Mark BreakpointModel::markOf(const std::string& module) const {
    Mark mark = Mark::none;
    for (const Breakpoint& one : m_list)
        if (one.place == Breakpoint::Place::module && one.name == module)
            mark = std::max(mark, one.enabled ? Mark::on : Mark::off);
    return mark;
}

BreakpointModel::Mark BreakpointModel::markOf(const trace::Trace& trace, trace::Id node) const {
    Mark mark = Mark::none;
    if (m_list.empty() || node == trace::none) return mark;
    const trace::Node& of = trace.nodes[node];
    for (const Breakpoint& one : m_list) {
        if (one.place == Breakpoint::Place::module || one.pass == Breakpoint::Pass::forward) continue;
        const bool named = one.place == Breakpoint::Place::operation
                               ? of.operation.str() == one.name
                               : one.name.empty() || of.name.str() == one.name ||
                                     (of.is_accumulate_grad && one.name == "AccumulateGrad");
        const bool inside =
            one.inside.empty() || (of.module != trace::none && liesIn((*trace.modules)[of.module].path, one.inside));
        if (named && inside) mark = std::max(mark, one.enabled ? Mark::on : Mark::off);
    }
    return mark;
}

QStringList BreakpointModel::names(Breakpoint::Place place) const {
    QStringList names;
    if (place == Breakpoint::Place::module) {
        if (m_session.modules())
            for (const trace::Module& module : *m_session.modules())
                names.append(QString::fromStdString(module.path));
        return names;
    }
    const bool isNode = place == Breakpoint::Place::node;
    std::set<QString> used;
    if (const auto& trace = m_session.newest())
        for (std::size_t i = 0; i < trace->nodes.size(); ++i)
            used.insert(QString::fromStdString(isNode ? trace->nodes[i].name : trace->nodes[i].operation));
    used.erase(QString());
    names = QStringList(used.begin(), used.end());
    for (const std::string& name :
         isNode ? session::Breakpoints::node_names() : session::Breakpoints::operation_names())
        if (!used.contains(QString::fromStdString(name))) names.append(QString::fromStdString(name));
    return names;
}

std::optional<session::Breakpoints::Stop> BreakpointModel::stop(const trace::Trace& trace, std::size_t position,
                                                                bool back) const {
    if (!breakpoints()) return std::nullopt;
    return back ? breakpoints()->last_before(trace, position) : breakpoints()->first_after(trace, position);
}

int BreakpointModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_list.size());
}

int BreakpointModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QString BreakpointModel::text(const Breakpoint& one, int column) const {
    switch (column) {
    case Enabled:
        return QString::number(one.id);
    case Where:
        return QString::fromStdString(place_text(one));
    case Condition:
        return one.check == Breakpoint::Check::always ? tr("always") : QString::fromStdString(condition_text(one));
    case Pass:
        if (one.place == Breakpoint::Place::node) return tr("backward");
        return one.pass == Breakpoint::Pass::both      ? tr("both passes")
               : one.pass == Breakpoint::Pass::forward ? tr("forward")
                                                       : tr("backward");
    case Hits:
        if (!one.in_model) return tr("not in this model");
        return one.from_hit > 1 ? tr("%1, stops from %2 on").arg(formatCount(one.hits), formatCount(one.from_hit))
                                : formatCount(one.hits);
    default:
        return {};
    }
}

QVariant BreakpointModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) return {};
    const Breakpoint& one = at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return text(one, index.column());
    case Qt::ToolTipRole:
        return tr("Breakpoint %1, %2: %3, %4, %5. Hits: %6")
            .arg(QString::number(one.id), one.enabled ? tr("on") : tr("off"), text(one, Where), text(one, Condition),
                 text(one, Pass), text(one, Hits));
    case Qt::AccessibleTextRole:
        return index.column() == Enabled ? tr("%1, %2").arg(text(one, Enabled), one.enabled ? tr("on") : tr("off"))
                                         : text(one, index.column());
    case MarkRole:
        return static_cast<int>(one.enabled ? Mark::on : Mark::off);
    case InModelRole:
        return one.in_model;
    default:
        return {};
    }
}

QVariant BreakpointModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal) return {};
    switch (section) {
    case Enabled:
        return tr("On");
    case Where:
        return tr("Where");
    case Condition:
        return tr("Condition");
    case Pass:
        return tr("Pass");
    case Hits:
        return tr("Hits");
    default:
        return {};
    }
}

} // namespace hs::ui
