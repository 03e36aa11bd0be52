namespace OpenCharly.Vms.Images;

/// <summary>A base image in the cache (or the user's own): only ever read, overlays stand on it.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Format">Format as <c>qemu-img</c> names it, such as <c>qcow2</c> or <c>raw</c>.</param>
/// <param name="Sha256">Digest: of the bytes as downloaded, or of the built image; 64 lower-case hex digits. Null for a
/// local path, which is never hashed because it may be large and changes at its owner's will.</param>
public sealed record BaseImage(string Path, string Format, string? Sha256);
