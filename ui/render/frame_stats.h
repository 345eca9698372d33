#pragma once

#include <QtGlobal>

namespace hs::ui {

/// What drawing costs, as plain numbers for the status bar and the report. Times in milliseconds.
struct FrameStats {
    quint64 frames = 0;         ///< shown since the start or the last reset
    double framesPerSecond = 0; ///< over the last second; 0 when nothing has been drawn for a second
    double lastUiMs = 0;        ///< the last pause of the UI thread by drawing: prepare, record and submit, or painting
    double longestUiMs = 0;     ///< the longest such pause since the start or the last reset
    double lastFrameMs = 0;     ///< from the start of prepare until the picture was there to paint
};

} // namespace hs::ui
