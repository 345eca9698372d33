#include "ui/models/ledger_model.h"

#include "ui/models/node_name.h"
#include "ui/theme/numbers.h"

#include <cmath>

namespace hs::ui {

using Line = trace::LedgerLine;
using LineKind = trace::LedgerLine::Kind;

namespace {

QString norm(double value) {
    return std::isnan(value) ? QStringLiteral("–") : formatNumber(value);
}

} // namespace

void LedgerModel::setLines(const std::vector<Line>& earlier, const std::vector<Line>& now, std::int64_t step) {
    beginResetModel();
    m_rows.clear();
    m_step = step;
    std::int64_t last = -1;
    const auto add = [&](const Line& line) {
        if (line.step > last + 1) {
            Row gap;
            gap.line.step = line.step;
            gap.gapFrom = last + 1;
            m_rows.push_back(gap);
        }
        last = line.step;
        Row row;
        row.line = line;
        const bool follows = !m_rows.empty() && m_rows.back().gapFrom < 0 && m_rows.back().line.step == line.step;
        row.showsPass = !(follows && line.kind == LineKind::added && m_rows.back().line.kind == LineKind::added &&
                          m_rows.back().line.pass == line.pass);
        m_rows.push_back(row);
    };
    for (const Line& line : earlier)
        if (line.step < step) add(line);
    for (const Line& line : now)
        add(line);
    endResetModel();
}

int LedgerModel::lastRowOfStep() const {
    const int last = rowCount() - 1;
    return last >= 0 && m_rows.back().line.step == m_step ? last : -1;
}

int LedgerModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int LedgerModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : columnCountOfAll;
}

QString LedgerModel::passText(const Row& row) const {
    if (row.gapFrom >= 0 || !row.showsPass || row.line.kind == LineKind::left_over) return {};
    const QString step = formatCount(row.line.step);
    return row.line.pass > 0 ? step + QStringLiteral(" · ") + formatCount(row.line.pass) : step;
}

QString LedgerModel::pathText(const Row& row) const {
    const Line& line = row.line;
    if (row.gapFrom >= 0) {
        const QString last = formatCount(line.step - 1);
        return row.gapFrom == line.step - 1
                   ? tr("step %1 ran without being kept").arg(last)
                   : tr("steps %1 to %2 ran without being kept").arg(formatCount(row.gapFrom), last);
    }
    switch (line.kind) {
    case LineKind::set_to_none:
        return tr("zero_grad, set to None");
    case LineKind::zeroed:
        return tr("zero_grad, set to zeros");
    case LineKind::added: {
        if (line.node.empty()) return tr("a pass, path not kept");
        const QString operation = shortNodeName(line.node);
        const QString module = QString::fromStdString(line.module).section(QLatin1Char('.'), -1);
        return module.isEmpty() ? operation : module + QStringLiteral(" · ") + operation;
    }
    case LineKind::rewritten:
        return tr("written in place");
    case LineKind::read:
        return tr("optimizer.step read it");
    case LineKind::left_over:
        return tr("Left over from before");
    case LineKind::pending:
        return line.arrived == 0 && line.expected == 1
                   ? tr("not here yet")
                   : tr("not here yet, %1 of %2 paths").arg(line.arrived).arg(line.expected);
    }
    return {};
}

QString LedgerModel::numberText(const Row& row, int column) const {
    const Line& line = row.line;
    if (row.gapFrom >= 0) return {};
    if (column == Norm) return line.kind == LineKind::added ? norm(line.norm) : QString();
    switch (line.kind) {
    case LineKind::set_to_none:
        return QStringLiteral("None");
    case LineKind::pending:
        return tr("pending");
    case LineKind::left_over:
        return {};
    case LineKind::added:
        return std::isnan(line.total) ? QString() : norm(line.total);
    default:
        return norm(line.total);
    }
}

QString LedgerModel::sentence(const Row& row) const {
    const Line& line = row.line;
    if (row.gapFrom >= 0) return tr("Steps that ran without a stop keep only their curves, not each addition.");
    if (line.kind == LineKind::left_over)
        return std::isnan(line.total)
                   ? tr("Step %1 began without zero_grad. It adds to what was there.").arg(formatCount(line.step))
                   : tr("Step %1 began without zero_grad. It adds to %2.")
                         .arg(formatCount(line.step), norm(line.total));
    QString text = passText({line, true, -1}) + QStringLiteral(": ") + pathText(row);
    if (!line.node.empty()) {
        text += QStringLiteral("\n") + QString::fromStdString(line.node);
        if (!line.module.empty()) text += tr(" in %1").arg(QString::fromStdString(line.module));
    }
    if (line.kind == LineKind::rewritten) text += tr("\nNot by a backward pass: clipped, scaled or assigned.");
    if (line.event == trace::none) return text;
    return text + (line.step == m_step ? tr("\nEnter goes to this event.") : tr("\nThis step is no longer recorded."));
}

QVariant LedgerModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case KindRole:
        return row.gapFrom >= 0 ? -1 : static_cast<int>(row.line.kind);
    case EventRole:
        return row.gapFrom >= 0 || row.line.step != m_step ? trace::none : row.line.event;
    case StepRole:
        return static_cast<qint64>(row.line.step);
    case Qt::ToolTipRole:
        return sentence(row);
    case Qt::AccessibleTextRole:
        return index.column() == Path && row.line.kind == LineKind::left_over
                   ? pathText(row) + QStringLiteral(". ") + sentence(row)
                   : data(index, Qt::DisplayRole);
    case Qt::TextAlignmentRole:
        return static_cast<int>((index.column() >= Norm ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case Qt::DisplayRole:
        if (index.column() == Pass) return passText(row);
        return index.column() == Path ? pathText(row) : numberText(row, index.column());
    default:
        return {};
    }
}

QVariant LedgerModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((section >= Norm ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole) {
        switch (section) {
        case Pass:
            return tr("Training step and backward pass");
        case Path:
            return tr("The node that the gradient came from");
        case Norm:
            return tr("Norm of what came");
        default:
            return tr("Norm of .grad after it");
        }
    }
    if (role != Qt::DisplayRole) return {};
    const QString names[] = {tr("Pass"), tr("Path"), tr("Norm"), tr("Total")};
    return names[section];
}

QString LedgerModel::toText() const {
    QString text;
    for (int row = 0; row < rowCount(); ++row) {
        for (int column = 0; column < columnCountOfAll; ++column) {
            if (column) text += QLatin1Char('\t');
            text += data(index(row, column)).toString();
        }
        text += QLatin1Char('\n');
    }
    return text;
}

} // namespace hs::ui
