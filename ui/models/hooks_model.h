#pragma once

#include "engine/session/hook_bench.h"

#include <QAbstractTableModel>

#include <memory>

namespace hs::ui {

/// The hooks of the session's HookBench as a table, in the order in which they fire.
class HooksModel : public QAbstractTableModel {
    Q_OBJECT

  public:
    enum Column : quint8 { Kind, Where, What, Fired, Cost, Change, ColumnCount };
    enum Role : quint16 {
        IsOwnRole = Qt::UserRole + 1, ///< put on from the window, so that it can be changed
        MutedRole,
        ProblemRole, ///< why it is registered nowhere
    };

    explicit HooksModel(QObject* parent = nullptr);

    /// Rows that are the same hooks as before stay rows: selection and scrolling survive.
    void setTable(std::shared_ptr<const session::HookTable> table);
    const session::HookRow* hook(const QModelIndex& index) const;
    /// Row of the hook with that id, or -1.
    int rowOf(quint64 id) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  private:
    QString text(const session::HookRow& row, int column) const;
    QString toolTip(const session::HookRow& row) const;

    std::shared_ptr<const session::HookTable> m_table;
};

/// `forward pre-hook`, in the language of the window.
QString hookKindName(session::HookKind kind);
/// `scale by 0.5`.
QString hookActionName(const session::HookSpec& spec);
/// `1.081 → 0.5`: the norms before and after, or what else there is to say of it.
QString hookChange(const session::HookRow& row);

} // namespace hs::ui
