#pragma once

#include <QWidget>

#include <memory>

class QComboBox;
class QLabel;
class QSpinBox;
class QToolButton;

namespace hs::ui {

class ActivationsCanvas;
class GpuDevice;
class Selection;
class SessionModel;

/// Activation maps of the selected module, with the choice of range, colours and sample above them.
class ActivationsView : public QWidget {
    Q_OBJECT

  public:
    ActivationsView(SessionModel& session, Selection& selection, QWidget* parent = nullptr);

    void setDevice(std::shared_ptr<GpuDevice> device, const QString& problem = {});
    ActivationsCanvas& canvas() const { return *m_canvas; }

  protected:
    void resizeEvent(QResizeEvent* event) override;

  private:
    void updateSubject();
    void setSamples(int count);

    SessionModel& m_session;
    Selection& m_selection;
    ActivationsCanvas* m_canvas;
    QLabel* m_subject;
    QLabel* m_type;
    QWidget* m_ranges;
    QComboBox* m_colors;
    QSpinBox* m_sample;
};

} // namespace hs::ui
