using OpenCharly.Foundation;

namespace OpenCharly.Vms.Templates;

/// <summary>Objects by key, wherever templates are shared.</summary>
internal interface ITemplateRegistry : IDisposable
{
    /// <summary>The registry, for messages; holds no secret.</summary>
    string Name { get; }

    /// <summary>A small object; null if there is none.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateRegistryFailed"/>, also for one that is not small.</exception>
    Task<byte[]?> ReadAsync(string key, CancellationToken cancellationToken);

    /// <summary>Writes a small object.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateRegistryFailed"/>.</exception>
    Task WriteAsync(string key, byte[] content, CancellationToken cancellationToken);

    /// <summary>Brings an object into a new file.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="path">The file.</param>
    /// <param name="progress">Gets bytes so far and in all.</param>
    /// <param name="cancellationToken">Gives up; the file may be there in part.</param>
    /// <returns>False if there is no such object.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateRegistryFailed"/>.</exception>
    Task<bool> DownloadAsync(string key, string path, Action<long, long> progress, CancellationToken cancellationToken);

    /// <summary>Brings a file into an object.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.TemplateRegistryFailed"/>.</exception>
    Task UploadAsync(string key, string path, Action<long, long> progress, CancellationToken cancellationToken);

    /// <summary>The error of a registry that does not do what it should.</summary>
    CharlyException Failed(string what, Exception cause) => new(
        Errors.TemplateRegistryFailed,
        $"the registry {Name} {what}: {cause.InnerException?.Message ?? cause.Message}",
        "Check that it can be reached, that bucket and keys are right, and try again; a push or pull begins anew.",
        target: Name,
        inner: cause);
}

/// <summary>The keys of a template in a registry.</summary>
/// <param name="prefix">What all begin with.</param>
/// <param name="id">The template.</param>
internal sealed class TemplateKeys(string prefix, string id)
{
    /// <summary>Pointer to the current revision.</summary>
    public string Current => $"{prefix}/templates/{id}/current";

    /// <summary>A file of a revision.</summary>
    public string File(string revision, string name) => $"{prefix}/templates/{id}/revisions/{revision}/{name}";
}

/// <summary>A registry that is a folder, such as one that several machines mount.</summary>
internal sealed class FolderTemplateRegistry(TemplateRegistrySettings settings) : ITemplateRegistry
{
    private const int BufferSize = 1 << 20;

    private readonly string _root = Path.Combine(settings.Endpoint.LocalPath, settings.Bucket);

    public string Name => settings.Endpoint.LocalPath;

    public Task<byte[]?> ReadAsync(string key, CancellationToken cancellationToken) => GuardAsync<byte[]?>(
        $"can't be read at {key}", async () => File.Exists(At(key)) ? await File.ReadAllBytesAsync(At(key), cancellationToken).ConfigureAwait(false) : null);

    public Task WriteAsync(string key, byte[] content, CancellationToken cancellationToken) => GuardAsync($"can't be written at {key}", () =>
    {
        AtomicFile.Write(At(key), content);
        return Task.FromResult(true);
    });

    public Task<bool> DownloadAsync(string key, string path, Action<long, long> progress, CancellationToken cancellationToken) => GuardAsync($"can't be read at {key}", async () =>
    {
        if (!File.Exists(At(key))) return false;
        await CopyAsync(At(key), path, progress, cancellationToken).ConfigureAwait(false);
        return true;
    });

    public Task UploadAsync(string key, string path, Action<long, long> progress, CancellationToken cancellationToken) => GuardAsync($"can't be written at {key}", async () =>
    {
        var place = At(key);
        AtomicFile.EnsureFolder(Path.GetDirectoryName(place)!);
        var temporary = $"{place}.{Guid.NewGuid():N}.tmp";
        try
        {
            await CopyAsync(path, temporary, progress, cancellationToken).ConfigureAwait(false);
            File.Move(temporary, place, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }

        return true;
    });

    public void Dispose()
    {
        // A folder holds no connection.
    }

    private string At(string key) => Path.Combine(_root, key);

    private async Task<T> GuardAsync<T>(string what, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ((ITemplateRegistry)this).Failed(what, e);
        }
    }

    private static async Task CopyAsync(string from, string to, Action<long, long> progress, CancellationToken cancellationToken)
    {
        var source = File.OpenRead(from);
        await using var ownSource = source.ConfigureAwait(false);
        await TemplateStreams.SaveAsync(source, source.Length, to, progress, BufferSize, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>Bytes into files, with progress.</summary>
internal static class TemplateStreams
{
    /// <summary>Writes all of a stream into a new file, and onto the disk.</summary>
    public static async Task SaveAsync(Stream source, long total, string path, Action<long, long> progress, int bufferSize, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, FileMode.Create, FileAccess.Write);
        await using var own = file.ConfigureAwait(false);
        var buffer = new byte[bufferSize];
        long done = 0;
        for (int count; (count = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            done += count;
            progress(done, total);
        }

        file.Flush(flushToDisk: true);
        if (total >= 0 && done != total) throw new IOException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"it ended after {done} of {total} bytes"));
    }
}
