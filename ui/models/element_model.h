#pragma once

#include "engine/session/element_history.h"

#include <QAbstractTableModel>
#include <QString>

#include <optional>
#include <vector>

namespace hs::ui {

/// The position of an element in a tensor of `shape` that `text` names: `[0, 2]`, `0, 2`, or `0 2`. Nothing, and what
/// is wrong with it in `error`, where it names none.
std::optional<std::int64_t> parseIndex(const QString& text, const std::vector<std::int64_t>& shape, QString& error);
/// `[0, 2]` of a row-major position.
QString formatIndex(std::int64_t position, const std::vector<std::int64_t>& shape);

/// What was written into one element, newest first: what the optimizer read, made of it, and left.
class ElementModel : public QAbstractTableModel {
    Q_OBJECT

  public:
    enum Column { Step, Gradient, Decay, Momentum, Change, Value, columnCountOfAll };

    using QAbstractTableModel::QAbstractTableModel;

    void setWrites(std::vector<session::ElementWrite> writes);
    /// Oldest first.
    const std::vector<session::ElementWrite>& writes() const { return m_writes; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

  private:
    QString cell(const session::ElementWrite& write, int column) const;

    std::vector<session::ElementWrite> m_writes;
};

} // namespace hs::ui
