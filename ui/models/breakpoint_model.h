#pragma once

#include "engine/session/breakpoints.h"

#include <QAbstractTableModel>

#include <optional>
#include <vector>

class QUndoStack;

namespace hs::ui {

class SessionModel;

/// The breakpoints of what is open, as a table. A person's changes go through it, and can be undone. They stay, by
/// name, when the training is reset or another one is opened.
class BreakpointModel : public QAbstractTableModel {
    Q_OBJECT

  public:
    enum Column { Enabled, Where, Condition, Pass, Hits, ColumnCount };
    /// What stands beside a module or node.
    enum class Mark : quint8 { none, off, on };
    enum Role {
        MarkRole = Qt::UserRole, ///< int: the Mark of the row
        InModelRole,             ///< bool: it names something in this model
    };

    using List = std::vector<session::Breakpoint>;

    BreakpointModel(SessionModel& session, QUndoStack& undo, QObject* parent = nullptr);

    const session::Breakpoint& at(int row) const { return m_list[static_cast<std::size_t>(row)]; }
    /// Returns why it was refused, or nothing.
    QString add(const session::Breakpoint& breakpoint);
    QString change(int row, const session::Breakpoint& breakpoint);
    void remove(int row);
    void toggle(int row);
    /// For undo and redo.
    void apply(const List& list);
    /// Adds one that always holds at the same place as `breakpoint`, or removes those that are there.
    QString toggleAt(const session::Breakpoint& breakpoint);

    Mark markOf(const std::string& module) const;
    Mark markOf(const trace::Trace& trace, trace::Id node) const;

    /// What can be named: of modules those of this model, of nodes and operations those of the newest step first.
    QStringList names(session::Breakpoint::Place place) const;

    /// The last moment before, or the first after, the position at which one holds.
    std::optional<session::Breakpoints::Stop> stop(const trace::Trace& trace, std::size_t position, bool back) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

  signals:
    /// Breakpoints are others than before, or their marks are.
    void changed();

  private:
    session::Breakpoints* breakpoints() const;
    void push(const QString& text, List list);
    void follow();
    void take();
    QString refusal(const session::Breakpoint& breakpoint) const;
    QString text(const session::Breakpoint& breakpoint, int column) const;

    SessionModel& m_session;
    QUndoStack& m_undo;
    List m_list;
    std::uint64_t m_version = 0;
    int m_lastId = 0;
};

} // namespace hs::ui
