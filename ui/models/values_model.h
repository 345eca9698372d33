#pragma once

#include "engine/trace/value.h"

#include <QAbstractTableModel>

#include <cstdint>
#include <vector>

namespace hs::ui {

/// The elements of a tensor as a table: its last two dimensions as rows and columns, the others at fixed indices. A
/// scalar is one cell, a vector one row. Holds a snapshot and reads only the cells it is asked for, so the size of the
/// tensor does not matter.
class ValuesModel : public QAbstractTableModel {
    Q_OBJECT

  public:
    enum Role {
        NumberRole = Qt::UserRole, ///< double
    };

    explicit ValuesModel(QObject* parent = nullptr);

    /// Keeps indices and sends dataChanged() only, where shape and dtype are those of the snapshot before.
    void setSnapshot(const trace::Snapshot& snapshot);
    bool isEmpty() const { return !m_snapshot; }
    const trace::Snapshot& snapshot() const { return m_snapshot; }

    /// The dimensions before the last two, and where in them the table is.
    int fixedDimensions() const;
    std::int64_t fixedSize(int dimension) const;
    std::int64_t fixedIndex(int dimension) const;
    void setFixedIndex(int dimension, std::int64_t index);
    /// `[2, 0, :, :]`
    QString sliceText() const;

    /// Places after the point, the same for all cells, and the power of ten that they are divided by (0 mostly). Both
    /// follow from the largest magnitude, which the caller knows from the tensor's summary.
    void setLargest(double magnitude);
    int decimals() const { return m_decimals; }
    int exponent() const { return m_exponent; }

    /// Row-major place of a cell in the whole tensor.
    std::int64_t position(int row, int column) const;
    double number(int row, int column) const;
    QString text(int row, int column) const;
    /// Rows and columns as tab separated text with full precision; at most `limit` cells.
    QString toText(const QModelIndex& first, const QModelIndex& last, std::int64_t limit = 1'000'000) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

  signals:
    void sliceChanged();

  private:
    void updateBase();

    trace::Snapshot m_snapshot;
    std::vector<std::int64_t> m_fixed;
    std::int64_t m_base = 0;
    int m_rows = 0;
    int m_columns = 0;
    int m_decimals = 4;
    int m_exponent = 0;
};

} // namespace hs::ui
