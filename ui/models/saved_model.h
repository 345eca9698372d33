#pragma once

#include "engine/trace/saved_state.h"

#include <QAbstractTableModel>

#include <vector>

namespace hs::ui {

/// What the nodes of a step keep at a moment: what will break backward first, then what is held, then what was freed.
class SavedModel : public QAbstractTableModel {
    Q_OBJECT

  public:
    enum Column { HeldBy, Tensor, Bytes, State, columnCountOfAll };
    enum Role {
        NodeRole = Qt::UserRole, ///< quint32 of trace::Id
        HeldRole,
        BreaksRole,
    };

    using QAbstractTableModel::QAbstractTableModel;

    void take(const trace::Trace* trace, std::size_t position);
    const trace::SavedBytes& bytes() const { return m_bytes; }
    int breaking() const { return m_breaking; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

  private:
    struct Row {
        trace::Id node = trace::none;
        QString cells[columnCountOfAll];
        QString toolTip;
        bool held = false;
        bool breaks = false;
    };

    std::vector<Row> m_rows;
    trace::SavedBytes m_bytes;
    int m_breaking = 0;
};

} // namespace hs::ui
