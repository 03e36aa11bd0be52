using OpenCharly.Foundation;

namespace OpenCharly.Operations;

/// <summary>Writes a file that the user named: whole or not at all, with errors that name it.</summary>
internal static class NewFile
{
    /// <summary>Writes text.</summary>
    /// <returns>The absolute path.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.FileExists"/> if it exists and may not be replaced,
    /// <see cref="Errors.Io"/> if it can't be written.</exception>
    public static async Task<string> WriteAsync(CharlyContext context, string path, string text, bool overwrite, CancellationToken cancellationToken)
    {
        var full = context.Environment.Resolve(path);
        if (!overwrite && File.Exists(full))
        {
            throw new CharlyException(Errors.FileExists, $"the file {full} exists", "Name another file, or let it be replaced.", target: full);
        }

        if (Directory.Exists(full))
        {
            throw new CharlyException(Errors.Io, $"{full} is a folder", "Name a file in it.", target: full);
        }

        try
        {
            await Task.Run(() => AtomicFile.Write(full, text), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CharlyException(
                Errors.Io, $"{full} can't be written: {e.Message}", "Choose a place that you may write to.", target: full, inner: e);
        }

        return full;
    }
}
