namespace OpenCharly.Model;

/// <summary>An Android package.</summary>
/// <param name="Package">Package id; null for a committed file.</param>
/// <param name="Apk">Committed file; null for a package id.</param>
/// <param name="Source">Where a package id is fetched from.</param>
/// <param name="Arch">Architecture.</param>
/// <param name="Version">Version.</param>
public sealed record ApkPackage(string? Package, string? Apk, string? Source, string? Arch, string? Version);
