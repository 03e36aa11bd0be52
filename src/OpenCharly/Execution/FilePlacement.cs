using System.Security.Cryptography;
using OpenCharly.Foundation;

namespace OpenCharly.Execution;

/// <summary>A file about to be placed on a target: its bytes, and the script that takes them from standard input.</summary>
/// <remarks>
/// The digest goes ahead of the bytes, so the script itself can tell a complete file from one cut short, and the whole
/// placement is one request.
/// </remarks>
internal sealed class FilePlacement : IAsyncDisposable
{
    private readonly FileStream? _spool;

    private FilePlacement(Stream content, FileStream? spool, string script)
    {
        Content = content;
        _spool = spool;
        Script = script;
    }

    /// <summary>The bytes, from their begin.</summary>
    public Stream Content { get; }

    /// <summary>The script.</summary>
    public string Script { get; }

    /// <summary>Reads the content once for its digest; what can't be rewound is spooled to a private file.</summary>
    public static async Task<FilePlacement> PrepareAsync(
        Stream content, string destination, PlacementOptions options, CancellationToken cancellationToken)
    {
        Absolute(destination);
        FileStream? spool = null;
        try
        {
            if (!content.CanSeek)
            {
                spool = new FileStream(Path.Combine(Path.GetTempPath(), $"charly-{Guid.NewGuid():N}"), new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.ReadWrite,
                    Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
                    UnixCreateMode = AtomicFile.Private,
                });
                await content.CopyToAsync(spool, cancellationToken).ConfigureAwait(false);
                spool.Position = 0;
                content = spool;
            }

            var begin = content.Position;
            var digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken).ConfigureAwait(false));
            content.Position = begin;
            return new FilePlacement(content, spool, Render(destination, options, digest));
        }
        catch
        {
            if (spool is not null) await spool.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The path itself.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.Usage"/> if it is not absolute.</exception>
    public static string Absolute(string path) =>
        path.StartsWith('/') && !path.EndsWith('/') ? path : throw new CharlyException(
            Errors.Usage, $"'{path}' is not the absolute path of a file", "Give a path that starts at / and names a file.", target: path);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _spool?.DisposeAsync() ?? ValueTask.CompletedTask;

    // The new file is 0600, made by this script (set -C) and owned by whoever places it; root's goes to group root even in
    // a setgid folder. The traps know its name before it is there, so that no interruption leaves it behind.
    private static string Render(string destination, PlacementOptions options, string digest) => $$"""
        set -e
        umask 077
        path={{Shell.Quote(destination)}}
        folder=${path%/*}
        folder=${folder:-/}
        if [ ! -d "$folder" ]; then (umask 022; mkdir -p -- "$folder"); fi
        if [ -d "$path" ]; then echo "$path is a folder" >&2; exit 1; fi
        new=${folder%/}/.charly.{{Guid.NewGuid():N}}
        trap 'rm -f -- "$new"' EXIT
        trap 'exit 129' HUP
        trap 'exit 143' TERM
        set -C
        cat >"$new"
        if command -v sha256sum >/dev/null; then digest=$(sha256sum <"$new"); else digest=$(shasum -a 256 <"$new"); fi
        if [ "${digest%% *}" != {{digest}} ]; then echo "the content arrived incomplete or damaged" >&2; exit 1; fi
        {{(options.AsRoot ? "chown 0:0 \"$new\"" : ":")}}
        chmod {{Convert.ToString((int)options.Mode, 8).PadLeft(4, '0')}} "$new"
        sync -- "$new"
        mv -f -- "$new" "$path"
        trap - EXIT
        """;
}
