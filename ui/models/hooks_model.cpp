#include "ui/models/hooks_model.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>

#include <algorithm>
#include <utility>

namespace hs::ui {

using session::HookAction;
using session::HookKind;
using session::HookRow;

namespace {

struct HookText {
    Q_DECLARE_TR_FUNCTIONS(Hooks)
};

bool sameHooks(const session::HookTable& a, const session::HookTable& b) {
    return std::equal(a.rows.begin(), a.rows.end(), b.rows.begin(), b.rows.end(),
                      [](const HookRow& x, const HookRow& y) { return x.id == y.id && x.spec.place == y.spec.place; });
}

} // namespace

QString hookKindName(HookKind kind) {
    switch (kind) {
    case HookKind::forward_pre:
        return HookText::tr("forward pre");
    case HookKind::forward:
        return HookText::tr("forward");
    case HookKind::backward_pre:
        return HookText::tr("backward pre");
    case HookKind::backward:
        return HookText::tr("backward");
    case HookKind::tensor:
        return HookText::tr("tensor");
    case HookKind::post_accumulate:
        return HookText::tr("post-accumulate");
    case HookKind::node_pre:
        return HookText::tr("node pre");
    case HookKind::node_post:
        return HookText::tr("node");
    case HookKind::step_pre:
        return HookText::tr("optimizer pre");
    case HookKind::step_post:
        return HookText::tr("optimizer post");
    }
    return {};
}

QString hookActionName(const session::HookSpec& spec) {
    QString amount = QString::number(spec.amount, 'g', 6); // as it was given
    amount.replace(QLatin1Char('-'), QChar(0x2212));
    switch (spec.action) {
    case HookAction::statistics:
        return HookText::tr("show statistics");
    case HookAction::scale:
        return HookText::tr("scale by %1").arg(amount);
    case HookAction::clip_norm:
        return HookText::tr("clip norm to %1").arg(amount);
    case HookAction::clip_value:
        return HookText::tr("clip values to ±%1").arg(amount);
    case HookAction::zero:
        return HookText::tr("replace by zeros");
    case HookAction::noise:
        return HookText::tr("add noise of %1, seed %2").arg(amount, formatCount(static_cast<std::int64_t>(spec.seed)));
    case HookAction::stop_non_finite:
        return HookText::tr("stop at NaN or Inf");
    case HookAction::stop_norm_above:
        return HookText::tr("stop at norm above %1").arg(amount);
    }
    return {};
}

QString hookChange(const HookRow& row) {
    if (!row.before) return {};
    const QString before = formatNumber(row.before->norm);
    if (row.after) return before + QStringLiteral(" → ") + formatNumber(row.after->norm);
    if (row.spec.action != HookAction::statistics) return HookText::tr("%1, unchanged").arg(before);
    return HookText::tr("%1, mean %2, std %3")
        .arg(before, formatNumber(row.before->mean), formatNumber(row.before->std));
}

HooksModel::HooksModel(QObject* parent)
    : QAbstractTableModel(parent), m_table(std::make_shared<const session::HookTable>()) {}

void HooksModel::setTable(std::shared_ptr<const session::HookTable> table) {
    if (table == m_table) return;
    if (sameHooks(*table, *m_table)) {
        m_table = std::move(table);
        if (!m_table->rows.empty()) emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        return;
    }
    beginResetModel();
    m_table = std::move(table);
    endResetModel();
}

const HookRow* HooksModel::hook(const QModelIndex& index) const {
    if (!index.isValid() || index.row() >= rowCount()) return nullptr;
    return &m_table->rows[static_cast<std::size_t>(index.row())];
}

int HooksModel::rowOf(quint64 id) const {
    for (std::size_t i = 0; i < m_table->rows.size(); ++i)
        if (m_table->rows[i].id == id) return static_cast<int>(i);
    return -1;
}

int HooksModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_table->rows.size());
}

int HooksModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QString HooksModel::text(const HookRow& row, int column) const {
    const bool own = row.id != 0;
    switch (column) {
    case Kind:
        return hookKindName(row.spec.place.kind);
    case Where:
        return QString::fromStdString(place_text(row.spec.place));
    case What:
        if (!own) return tr("in the program");
        return row.spec.muted ? tr("%1, muted").arg(hookActionName(row.spec)) : hookActionName(row.spec);
    case Fired:
        return own ? formatCount(row.fired) : QString();
    case Cost:
        return row.fired ? formatSeconds(static_cast<double>(row.cost_ns) * 1e-9) : QString();
    case Change:
        return row.problem.empty() ? hookChange(row) : QString::fromStdString(row.problem);
    default:
        return {};
    }
}

QString HooksModel::toolTip(const HookRow& row) const {
    QString tip =
        tr("%1 hook on %2").arg(hookKindName(row.spec.place.kind), QString::fromStdString(place_text(row.spec.place)));
    if (row.id == 0) return tip + QLatin1Char('\n') + tr("registered by the program, and only listed here");
    tip += QLatin1Char('\n') + hookActionName(row.spec);
    if (!row.problem.empty())
        tip += QLatin1Char('\n') + tr("not registered: %1").arg(QString::fromStdString(row.problem));
    if (row.fired) tip += QLatin1Char('\n') + tr("last in step %1").arg(formatCount(row.step));
    return tip;
}

QVariant HooksModel::data(const QModelIndex& index, int role) const {
    const HookRow* row = hook(index);
    if (!row) return {};
    switch (role) {
    case Qt::DisplayRole:
        return text(*row, index.column());
    case Qt::ToolTipRole:
        return toolTip(*row);
    case Qt::TextAlignmentRole: {
        const bool number = index.column() == Fired || index.column() == Cost;
        return QVariant((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    case IsOwnRole:
        return row->id != 0;
    case MutedRole:
        return row->spec.muted;
    case ProblemRole:
        return QString::fromStdString(row->problem);
    default:
        return {};
    }
}

QVariant HooksModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount) return {};
    if (role == Qt::DisplayRole) {
        const QString titles[ColumnCount] = {tr("Kind"),  tr("Where"), tr("What"),
                                             tr("Fired"), tr("Cost"),  tr("Norm before → after")};
        return titles[section];
    }
    if (role == Qt::ToolTipRole) {
        const QString tips[ColumnCount] = {tr("What it is registered with"),
                                           tr("Module, parameter or autograd node"),
                                           tr("What it does to the tensor that it is given"),
                                           tr("How often it ran since the training was made"),
                                           tr("Time that it took the last time"),
                                           tr("L2 norm of the tensor that it was given, and of what it handed on")};
        return tips[section];
    }
    const bool number = section == Fired || section == Cost;
    if (role == Qt::TextAlignmentRole) return QVariant((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return {};
}

} // namespace hs::ui
