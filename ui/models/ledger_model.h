#pragma once

#include "engine/trace/ledger.h"

#include <QAbstractTableModel>
#include <QString>

#include <cstdint>
#include <vector>

namespace hs::ui {

/// The ledger of one parameter's `.grad` as a table: what the steps before brought, then the step that is shown.
class LedgerModel : public QAbstractTableModel {
    Q_OBJECT

  public:
    enum Column { Pass, Path, Norm, Total, columnCountOfAll };
    enum Role {
        KindRole = Qt::UserRole, ///< int of trace::LedgerLine::Kind; -1 for steps of which nothing was kept
        EventRole,               ///< quint32: the event to go to, trace::none where there is none
        StepRole,                ///< qint64
    };

    using QAbstractTableModel::QAbstractTableModel;

    /// `earlier`: lines of the steps before; only those of steps below `step` are shown. `now`: of step `step`.
    void setLines(const std::vector<trace::LedgerLine>& earlier, const std::vector<trace::LedgerLine>& now,
                  std::int64_t step);
    bool isEmpty() const { return m_rows.empty(); }
    /// The last row that lies in the step that is shown, or -1.
    int lastRowOfStep() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    /// All rows as tab separated text.
    QString toText() const;

  private:
    struct Row {
        trace::LedgerLine line;
        bool showsPass = true;     ///< not of a second path of the same pass
        std::int64_t gapFrom = -1; ///< steps from here to line.step - 1 ran without being kept
    };
    QString passText(const Row& row) const;
    QString pathText(const Row& row) const;
    QString numberText(const Row& row, int column) const;
    QString sentence(const Row& row) const;

    std::vector<Row> m_rows;
    std::int64_t m_step = -1;
};

} // namespace hs::ui
