#pragma once

#include "engine/session/watches.h"

#include <QAbstractTableModel>
#include <QTimer>

#include <vector>

class QUndoStack;

namespace hs::ui {

class SessionModel;

/// The watches of what is open, as a table: what each is worth at the moment that is shown, and at the end of the steps
/// before. A person's changes go through it, and can be undone. They stay when another training is opened.
class WatchModel : public QAbstractTableModel {
    Q_OBJECT

  public:
    enum Column { Expression, Value, History, ColumnCount };
    using List = std::vector<session::WatchedExpression>;

    WatchModel(SessionModel& session, QUndoStack& undo, QObject* parent = nullptr);

    const session::WatchedExpression& at(int row) const { return m_list[static_cast<std::size_t>(row)]; }
    void add(const QString& text);
    void remove(int row);
    /// For undo and redo.
    void apply(const List& list);

    /// Names that an expression can begin with.
    QStringList names() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

  private:
    session::Watches* watches() const;
    void push(const QString& text, List list);
    void look();
    void follow();
    void take();
    QString valueText(const session::WatchedExpression& one) const;
    QString toolTip(const session::WatchedExpression& one) const;

    SessionModel& m_session;
    QUndoStack& m_undo;
    List m_list;
    std::uint64_t m_version = 0;
    int m_lastId = 0;
    QTimer m_later; ///< what was asked for is evaluated on another thread
    int m_tries = 0;
};

} // namespace hs::ui
