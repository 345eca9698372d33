#include "ui/models/saved_model.h"

#include "ui/models/node_name.h"
#include "ui/theme/numbers.h"

#include <algorithm>

namespace hs::ui {

void SavedModel::take(const trace::Trace* trace, std::size_t position) {
    beginResetModel();
    m_rows.clear();
    m_bytes = {};
    m_breaking = 0;
    const auto states = trace ? trace::saved_at(*trace, position) : std::vector<trace::SavedState>();
    if (trace) m_bytes = trace::saved_bytes(*trace, states);
    for (std::size_t i = 0; i < states.size(); ++i) {
        const trace::SavedState& state = states[i];
        const trace::SavedTensor& saved = trace->saved[i];
        if (!state.is_there) continue;
        const trace::Node& node = trace->nodes[saved.node];
        const QString name = QString::fromStdString(node.name);
        Row row;
        row.node = saved.node;
        row.held = state.is_held;
        row.breaks = state.will_break(saved);
        m_breaking += row.breaks;
        row.cells[HeldBy] = shortNodeName(node.name);
        row.cells[Tensor] = QString::fromStdString(saved.name) + QLatin1Char(' ') + formatShape(saved.shape);
        row.cells[Bytes] = formatBytes(saved.bytes);
        const QString versions = tr("v%1, now v%2").arg(saved.version).arg(state.version);
        row.cells[State] = row.breaks ? versions : row.held ? tr("held") : tr("freed");
        row.toolTip = tr("%1 keeps %2 until it has run").arg(name, row.cells[Tensor]);
        if (node.module != trace::none && !(*trace->modules)[node.module].path.empty())
            row.toolTip += tr("\nin %1").arg(QString::fromStdString((*trace->modules)[node.module].path));
        if (saved.value != trace::none)
            row.toolTip += tr("\nthe tensor %1").arg(QString::fromStdString(to_string(trace->values[saved.value].key)));
        row.toolTip += tr("\nsaved at version %1").arg(saved.version);
        if (row.breaks)
            row.toolTip += tr("\nIt was changed in place since and is at version %1: backward will stop at this node "
                              "(rule 52). Change it out of place, or after backward.")
                               .arg(state.version);
        m_rows.push_back(row);
    }
    const auto rank = [](const Row& row) { return row.breaks ? 0 : row.held ? 1 : 2; };
    std::stable_sort(m_rows.begin(), m_rows.end(), [&](const Row& a, const Row& b) { return rank(a) < rank(b); });
    endResetModel();
}

int SavedModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int SavedModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : columnCountOfAll;
}

QVariant SavedModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case NodeRole:
        return row.node;
    case HeldRole:
        return row.held;
    case BreaksRole:
        return row.breaks;
    case Qt::ToolTipRole:
        return row.toolTip;
    case Qt::TextAlignmentRole:
        return static_cast<int>((index.column() >= Bytes ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case Qt::DisplayRole:
        return row.cells[index.column()];
    default:
        return {};
    }
}

QVariant SavedModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((section >= Bytes ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole) return {};
    const QString names[] = {tr("Held by"), tr("Tensor"), tr("Bytes"), tr("State")};
    return names[section];
}

} // namespace hs::ui
