#include "ui/models/element_model.h"

#include "ui/theme/numbers.h"

#include <QRegularExpression>
#include <QStringList>

#include <cmath>

namespace hs::ui {

std::optional<std::int64_t> parseIndex(const QString& text, const std::vector<std::int64_t>& shape, QString& error) {
    QString inner = text.trimmed();
    if (inner.startsWith(QLatin1Char('['))) inner.remove(0, 1);
    if (inner.endsWith(QLatin1Char(']'))) inner.chop(1);
    static const QRegularExpression between(QStringLiteral("[,\\s]+"));
    const QStringList parts = inner.split(between, Qt::SkipEmptyParts);
    if (parts.size() != static_cast<qsizetype>(shape.size())) {
        error = ElementModel::tr("%1 indices for %2 dimensions").arg(parts.size()).arg(shape.size());
        return std::nullopt;
    }
    std::int64_t position = 0;
    for (qsizetype i = 0; i < parts.size(); ++i) {
        bool ok = false;
        const qlonglong index = parts[i].toLongLong(&ok);
        const std::int64_t size = shape[static_cast<std::size_t>(i)];
        if (!ok || index < 0 || index >= size) {
            const QString shown = parts[i].left(20);
            error = ok ? ElementModel::tr("index %1 is out of range in dimension %2 (0 to %3)")
                             .arg(shown)
                             .arg(i)
                             .arg(formatCount(size - 1))
                       : ElementModel::tr("“%1” in dimension %2 is no index").arg(shown).arg(i);
            return std::nullopt;
        }
        position = position * size + index;
    }
    return position;
}

QString formatIndex(std::int64_t position, const std::vector<std::int64_t>& shape) {
    QStringList parts;
    for (std::size_t i = shape.size(); i-- > 0;) {
        const std::int64_t size = std::max<std::int64_t>(shape[i], 1);
        parts.prepend(QString::number(position % size));
        position /= size;
    }
    return QLatin1Char('[') + parts.join(QStringLiteral(", ")) + QLatin1Char(']');
}

void ElementModel::setWrites(std::vector<session::ElementWrite> writes) {
    beginResetModel();
    m_writes = std::move(writes);
    endResetModel();
}

int ElementModel::rowCount(const QModelIndex& parent) const {
    // The first value of all has a row of its own at the end.
    return parent.isValid() || m_writes.empty() ? 0 : static_cast<int>(m_writes.size()) + 1;
}

int ElementModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : columnCountOfAll;
}

QString ElementModel::cell(const session::ElementWrite& write, int column) const {
    const auto number = [](double value) { return std::isnan(value) ? QStringLiteral("–") : formatNumber(value); };
    switch (column) {
    case Step:
        return write.first_step == write.last_step
                   ? formatCount(write.last_step)
                   : formatCount(write.first_step) + QStringLiteral("–") + formatCount(write.last_step);
    case Gradient:
        return std::isnan(write.gradient) ? QStringLiteral("None") : number(write.gradient);
    case Decay:
        return number(write.decay);
    case Momentum:
        return number(write.momentum);
    case Change:
        return number(write.after - write.before);
    default:
        return number(write.after);
    }
}

QVariant ElementModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) return {};
    if (role == Qt::TextAlignmentRole) return static_cast<int>(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole) return {};
    const auto row = static_cast<std::size_t>(index.row());
    if (row == m_writes.size()) {
        if (role == Qt::ToolTipRole) return tr("The value before the first step that was followed");
        if (index.column() == Step) return tr("initial");
        return index.column() == Value ? formatNumber(m_writes.front().before) : QString();
    }
    const session::ElementWrite& write = m_writes[m_writes.size() - 1 - row];
    if (role == Qt::DisplayRole) return cell(write, index.column());
    if (std::isnan(write.momentum))
        return tr("Step %1 with learning rate %2. This optimizer scales gradients: its change is not a sum of them.")
            .arg(cell(write, Step), formatNumber(write.learning_rate));
    return tr("%1 − %2 × (%3 + %4 + %5) = %6")
        .arg(formatNumber(write.before), formatNumber(write.learning_rate), cell(write, Gradient), cell(write, Decay),
             cell(write, Momentum), formatNumber(write.after));
}

QVariant ElementModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole) return static_cast<int>(Qt::AlignRight | Qt::AlignVCenter);
    const QString names[] = {tr("Step"), tr("Grad"), tr("Decay"), tr("Mom."), tr("Change"), tr("Value")};
    const QString tips[] = {tr("Training step"),
                            tr("The element of .grad that the optimizer read"),
                            tr("weight_decay times the value: it goes with the gradient"),
                            tr("What momentum adds to both (SGD)"),
                            tr("What the step added to the value"),
                            tr("The value after the step")};
    if (role == Qt::ToolTipRole) return tips[section];
    return role == Qt::DisplayRole ? names[section] : QVariant();
}

} // namespace hs::ui
