#version 450
#extension GL_GOOGLE_include_directive : require
#include "shaders/scene.glsl"

layout(std430, binding = 0) readonly buffer Items { BoxItem items[]; };

layout(location = 0) out vec2 fromCenter;
layout(location = 1) flat out vec2 halfSize;
layout(location = 2) flat out vec4 radii;
layout(location = 3) flat out vec4 color;
layout(location = 4) flat out float blur;

void main() {
    BoxItem item = items[gl_InstanceIndex];
    vec2 center = item.rect.xy + 0.5 * item.rect.zw;
    halfSize = 0.5 * item.rect.zw;
    vec2 pixel = item.part.xy + quadCorner(gl_VertexIndex) * item.part.zw;
    fromCenter = pixel - center;
    radii = min(item.radii, vec4(min(halfSize.x, halfSize.y)));
    color = premultiplied(item.fill);
    blur = item.outlineWidth;
    gl_Position = toClip(pixel);
}
