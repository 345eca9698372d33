#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/box.glsl"

layout(location = 0) in vec2 fromCenter;
layout(location = 1) flat in vec2 halfSize;
layout(location = 2) flat in vec4 radii;
layout(location = 3) flat in vec4 color;
layout(location = 4) flat in float blur;
layout(location = 0) out vec4 result;

void main() {
    float d = boxDistance(fromCenter, halfSize, radii);
    float t = clamp(0.5 - d / blur, 0.0, 1.0);
    result = color * (t * t * (3.0 - 2.0 * t));
}
