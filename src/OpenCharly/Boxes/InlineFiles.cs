using System.Security.Cryptography;
using System.Text;

namespace OpenCharly.Boxes;

/// <summary>Texts that a Containerfile copies or runs: each lies beside it, named by its own digest (candy-and-plan.md §8.1).</summary>
/// <param name="folder">Folder of the Containerfile, below the project: <c>.build/BOX</c>.</param>
internal sealed class InlineFiles(string folder)
{
    /// <summary>Folder of the Containerfile, below the project.</summary>
    public string Folder => folder;

    private readonly SortedDictionary<string, ContextFile> _files = new(StringComparer.Ordinal);

    /// <summary>All files, by path below the project.</summary>
    public IReadOnlyDictionary<string, ContextFile> All => _files;

    /// <summary>Adds a text.</summary>
    /// <param name="group">Candy that it belongs to.</param>
    /// <param name="text">The text, byte for byte.</param>
    /// <returns>Its path below the project.</returns>
    public string Add(string group, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var path = $"{folder}/_inline/{group}/{Convert.ToHexStringLower(SHA256.HashData(bytes))}";
        _files[path] = new ContextFile(bytes, IsExecutable: false);
        return path;
    }

    /// <summary>Adds a file of a candy that lies outside of the project.</summary>
    /// <param name="path">Path below the folder of the Containerfile.</param>
    /// <param name="content">Its content.</param>
    /// <param name="isExecutable">Whether it can be run.</param>
    public void Copy(string path, byte[] content, bool isExecutable) => _files[$"{folder}/{path}"] = new ContextFile(content, isExecutable);

    /// <summary>Whether texts were added that a build runs or copies.</summary>
    public bool HasTexts => _files.Keys.Any(p => p.StartsWith($"{folder}/_inline/", StringComparison.Ordinal));
}

/// <summary>A file that a build needs in its context.</summary>
/// <param name="Content">Its content.</param>
/// <param name="IsExecutable">Whether it can be run.</param>
public sealed record ContextFile(ReadOnlyMemory<byte> Content, bool IsExecutable);
