#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/box.glsl"

layout(location = 0) in vec2 fromCenter;
layout(location = 1) flat in vec2 halfSize;
layout(location = 2) flat in vec4 radii;
layout(location = 3) flat in vec4 fill;
layout(location = 4) flat in vec4 outline;
layout(location = 5) flat in float outlineWidth;
layout(location = 0) out vec4 result;

void main() {
    float d = boxDistance(fromCenter, halfSize, radii);
    float whole = clamp(0.5 - d, 0.0, 1.0);
    float inner = clamp(0.5 - d - outlineWidth, 0.0, 1.0);
    // The outline lies over the fill, so that a translucent outline shows it.
    vec4 edge = outline + fill * (1.0 - outline.a);
    result = mix(edge, fill, inner) * whole;
}
