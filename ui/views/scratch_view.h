#pragma once

#include <QWidget>

class QLabel;

namespace hs::ui {

class ScratchEditor;
class ScratchModel;

/// The panel of the scratch pad: its lines, and below them what went wrong or what is worth knowing.
class ScratchView : public QWidget {
    Q_OBJECT

  public:
    explicit ScratchView(ScratchModel& model, QWidget* parent = nullptr);

    ScratchEditor* editor() const { return m_editor; }
    QString message() const;

  private:
    void showMessage();

    ScratchModel& m_model;
    ScratchEditor* m_editor;
    QLabel* m_message;
};

} // namespace hs::ui
