#include "ui/models/values_model.h"

#include "ui/theme/numbers.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hs::ui {

namespace {

/// Qt counts rows with int.
int toRows(std::int64_t size) {
    return static_cast<int>(std::min<std::int64_t>(size, std::numeric_limits<int>::max()));
}

} // namespace

ValuesModel::ValuesModel(QObject* parent) : QAbstractTableModel(parent) {}

void ValuesModel::setSnapshot(const trace::Snapshot& snapshot) {
    const bool same =
        snapshot && m_snapshot && snapshot.shape() == m_snapshot.shape() && snapshot.dtype() == m_snapshot.dtype();
    if (same) {
        m_snapshot = snapshot;
        if (m_rows && m_columns) emit dataChanged(index(0, 0), index(m_rows - 1, m_columns - 1));
        return;
    }
    beginResetModel();
    m_snapshot = snapshot;
    m_rows = m_columns = 0;
    m_fixed.clear();
    if (m_snapshot) {
        const Shape& shape = m_snapshot.shape();
        m_columns = shape.empty() ? 1 : toRows(shape.back());
        m_rows = shape.size() < 2 ? 1 : toRows(shape[shape.size() - 2]);
        if (m_snapshot.count() == 0) m_rows = m_columns = 0;
        m_fixed.resize(shape.size() > 2 ? shape.size() - 2 : 0);
    }
    updateBase();
    endResetModel();
    emit sliceChanged();
}

int ValuesModel::fixedDimensions() const {
    return static_cast<int>(m_fixed.size());
}

std::int64_t ValuesModel::fixedSize(int dimension) const {
    return m_snapshot.shape()[static_cast<std::size_t>(dimension)];
}

std::int64_t ValuesModel::fixedIndex(int dimension) const {
    return m_fixed[static_cast<std::size_t>(dimension)];
}

void ValuesModel::setFixedIndex(int dimension, std::int64_t index) {
    if (dimension < 0 || dimension >= fixedDimensions()) return;
    index = std::clamp<std::int64_t>(index, 0, std::max<std::int64_t>(fixedSize(dimension) - 1, 0));
    auto& fixed = m_fixed[static_cast<std::size_t>(dimension)];
    if (fixed == index) return;
    fixed = index;
    updateBase();
    if (m_rows && m_columns) emit dataChanged(this->index(0, 0), this->index(m_rows - 1, m_columns - 1));
    emit sliceChanged();
}

void ValuesModel::updateBase() {
    std::int64_t at = 0;
    for (std::size_t i = 0; i < m_fixed.size(); ++i)
        at = at * m_snapshot.shape()[i] + m_fixed[i];
    m_base = at * m_rows * m_columns;
}

QString ValuesModel::sliceText() const {
    if (!m_snapshot) return {};
    QString text = QStringLiteral("[");
    for (std::size_t i = 0; i < m_snapshot.shape().size(); ++i) {
        if (i) text += QStringLiteral(", ");
        text += i < m_fixed.size() ? QString::number(m_fixed[i]) : QStringLiteral(":");
    }
    return text + QLatin1Char(']');
}

void ValuesModel::setLargest(double magnitude) {
    int decimals = 4;
    int exponent = 0;
    if (m_snapshot && !is_floating_point(m_snapshot.dtype())) {
        decimals = 0;
    } else if (magnitude > 0 && std::isfinite(magnitude)) {
        const int power = static_cast<int>(std::floor(std::log10(magnitude)));
        if (power < -5 || power >= 6) exponent = power;
        decimals = std::clamp(3 - (power - exponent), 1, 8);
    }
    if (decimals == m_decimals && exponent == m_exponent) return;
    m_decimals = decimals;
    m_exponent = exponent;
    if (m_rows && m_columns) emit dataChanged(index(0, 0), index(m_rows - 1, m_columns - 1), {Qt::DisplayRole});
    emit sliceChanged();
}

std::int64_t ValuesModel::position(int row, int column) const {
    return m_base + static_cast<std::int64_t>(row) * m_columns + column;
}

double ValuesModel::number(int row, int column) const {
    return m_snapshot.at(position(row, column));
}

QString ValuesModel::text(int row, int column) const {
    const double value = number(row, column);
    if (m_snapshot.dtype() == Dtype::bool_) return formatBool(value != 0);
    return formatFixed(m_exponent ? value / std::pow(10.0, m_exponent) : value, m_decimals);
}

QString ValuesModel::toText(const QModelIndex& first, const QModelIndex& last, std::int64_t limit) const {
    QString text;
    if (!first.isValid() || !last.isValid()) return text;
    const auto [top, bottom] = std::minmax({first.row(), last.row()});
    const auto [left, right] = std::minmax({first.column(), last.column()});
    for (int row = top; row <= bottom; ++row) {
        for (int column = left; column <= right && limit > 0; ++column, --limit) {
            if (column > left) text += QLatin1Char('\t');
            text += QString::number(number(row, column), 'g', 9);
        }
        if (limit <= 0) break;
        if (row < bottom) text += QLatin1Char('\n');
    }
    return text;
}

int ValuesModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : m_rows;
}

int ValuesModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : m_columns;
}

QVariant ValuesModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || !m_snapshot) return {};
    switch (role) {
    case Qt::DisplayRole:
        return text(index.row(), index.column());
    case NumberRole:
        return number(index.row(), index.column());
    case Qt::TextAlignmentRole:
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    case Qt::ToolTipRole: {
        QString at = sliceText();
        // The last two places of the slice are free: fill them with this cell's.
        const int free = static_cast<int>(std::min<std::size_t>(m_snapshot.shape().size(), 2));
        if (free == 2) at.replace(at.lastIndexOf(QStringLiteral(":, ")), 1, QString::number(index.row()));
        if (free >= 1) at.replace(at.lastIndexOf(QLatin1Char(':')), 1, QString::number(index.column()));
        return at + QStringLiteral("  ") + QString::number(number(index.row(), index.column()), 'g', 9);
    }
    default:
        return {};
    }
}

QVariant ValuesModel::headerData(int section, Qt::Orientation, int role) const {
    return role == Qt::DisplayRole ? QVariant(QString::number(section)) : QVariant();
}

} // namespace hs::ui
