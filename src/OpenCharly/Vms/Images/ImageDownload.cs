using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using OpenCharly.Foundation;
using Polly;
using Polly.Retry;

namespace OpenCharly.Vms.Images;

/// <summary>
/// Downloads one file into its <c>.part</c>, resuming what is there (vm.md §1.1, step 3). Faults that pass by themselves
/// are retried from where they struck; whatever happens, only the <c>.part</c> is left, and the next try goes on from it.
/// </summary>
/// <param name="http">Sends the requests.</param>
/// <param name="url">The address.</param>
/// <param name="part">Path of the <c>.part</c> file.</param>
/// <param name="progress">Gets the bytes, at least at every twentieth.</param>
internal sealed class ImageDownload(HttpClient http, Uri url, string part, IProgress<CharlyEvent> progress)
{
    private const int BufferSize = 1 << 17;
    private const long StepWithoutTotal = 8 << 20;

    /// <summary>First pause between two tries; each next one is twice as long.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the server may send nothing at all.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The address for people: without account and query, which may hold secrets.</summary>
    private string Display { get; } = Describe(url);

    /// <summary>An address without account and query.</summary>
    public static string Describe(Uri url) => url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    /// <summary>Reads an address.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageDownload"/> for anything but http, https and file.</exception>
    public static Uri ParseUrl(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" or "file"
            ? url
            : throw new CharlyException(
                Errors.ImageDownload,
                $"\"{text}\" is no address that images are downloaded from",
                "Use http://, https:// or file://, or give a path.",
                target: text);

    /// <summary>A client without an overall time limit: large images take their time, stalls are noticed by themselves.</summary>
    public static HttpClient NewClient()
    {
        var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(30), PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("charly");
        return client;
    }

    /// <summary>Says of a <c>.part</c> where it comes from: the address, and what the server tells one content from another by.</summary>
    private string NoteFile { get; } = part + ".url";

    /// <summary>Downloads all of it.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.ImageDownload"/>, <see cref="Errors.Io"/> if the disk is full.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pipeline = new ResiliencePipelineBuilder()
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<TransientFault>(),
                MaxRetryAttempts = 5,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = RetryDelay,
                OnRetry = args =>
                {
                    progress.Report(new NoticeEvent(NoticeLevel.Warning, $"{Display}: {args.Outcome.Exception!.Message}; trying again"));
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
        try
        {
            await pipeline.ExecuteAsync(async token => await TryAsync(token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            File.Delete(NoteFile);
        }
        catch (TransientFault e)
        {
            throw Failed(e.Message, e);
        }
    }

    private async Task TryAsync(CancellationToken cancellationToken)
    {
        var validator = ReadNote();
        var have = File.Exists(part) ? new FileInfo(part).Length : 0;
        using var response = await SendAsync(have, validator, cancellationToken).ConfigureAwait(false);
        switch (response.StatusCode)
        {
            case HttpStatusCode.PartialContent when response.Content.Headers.ContentRange is { From: var from } range && from == have && !IsOther(validator, response):
                await SaveAsync(response, have, range.Length, cancellationToken).ConfigureAwait(false);
                break;
            case HttpStatusCode.OK:
                await SaveAsync(response, 0, response.Content.Headers.ContentLength, cancellationToken).ConfigureAwait(false);
                break;
            case HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.PartialContent when have > 0:
                // Nothing left to send, or something else than asked for: what we hold is not a beginning of that file.
                File.Delete(part);
                await TryAsync(cancellationToken).ConfigureAwait(false);
                break;
            case >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests:
                throw new TransientFault($"the server answers {(int)response.StatusCode} {response.ReasonPhrase}");
            default:
                throw Failed($"the server answers {(int)response.StatusCode} {response.ReasonPhrase}", null);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(long have, string? validator, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (have > 0)
        {
            request.Headers.Range = new RangeHeaderValue(have, null);
            if (validator is not null) request.Headers.TryAddWithoutValidation("If-Range", validator);
        }

        return await GuardAsync(token => http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What tells the content apart from others that the address had or will have; null if the server says nothing that can be relied on.</summary>
    private static string? Validator(HttpResponseMessage response) =>
        response.Headers.ETag is { IsWeak: false } tag ? tag.Tag : response.Content.Headers.LastModified is { } time ? time.ToString("R", CultureInfo.InvariantCulture) : null;

    // An answer to If-Range need not repeat the time, so only what it does say counts.
    private static bool IsOther(string? validator, HttpResponseMessage response) =>
        validator is not null && Validator(response) is { } now && now != validator && now.StartsWith('"') == validator.StartsWith('"');

    // A part without a note is resumed as it is. One of another address is no beginning of this file.
    private string? ReadNote()
    {
        if (!File.Exists(part) || !File.Exists(NoteFile)) return null;
        var lines = File.ReadAllLines(NoteFile);
        if (lines.ElementAtOrDefault(0) == url.AbsoluteUri) return lines.ElementAtOrDefault(1);
        File.Delete(part);
        return null;
    }

    // The part goes before its note changes, so that a cut in between never leaves a note that belongs to other bytes.
    private void Begin(HttpResponseMessage response) => Writing(() =>
    {
        File.Delete(part);
        AtomicFile.Write(NoteFile, $"{url.AbsoluteUri}\n{Validator(response)}".TrimEnd() + "\n", AtomicFile.Private);
        return true;
    });

    private async Task SaveAsync(HttpResponseMessage response, long start, long? total, CancellationToken cancellationToken)
    {
        if (start == 0) Begin(response);
        var body = await GuardAsync(response.Content.ReadAsStreamAsync, cancellationToken).ConfigureAwait(false);
        await using var ownBody = body.ConfigureAwait(false);
        var file = Writing(() => new FileStream(part, start == 0 ? FileMode.Create : FileMode.Append, FileAccess.Write));
        await using var ownFile = file.ConfigureAwait(false);
        var buffer = new byte[BufferSize];
        var (done, told) = (start, start);
        Report(done, total, isCompleted: false);
        for (; ; )
        {
            var count = await GuardAsync(async token => await body.ReadAsync(buffer, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            if (count == 0) break;
            Writing(() => Write(file, buffer.AsSpan(0, count)));
            done += count;
            if (done - told >= (total / 25 ?? StepWithoutTotal))
            {
                Report(done, total, isCompleted: false);
                told = done;
            }
        }

        if (total is { } expected && done < expected) throw new TransientFault($"the connection ended after {done} of {expected} bytes");
        Writing(() => Flush(file));
        Report(done, total ?? done, isCompleted: true);
    }

    private static bool Write(FileStream file, ReadOnlySpan<byte> bytes)
    {
        file.Write(bytes);
        file.Flush();
        return true;
    }

    private static bool Flush(FileStream file)
    {
        file.Flush(flushToDisk: true);
        return true;
    }

    private void Report(long done, long? total, bool isCompleted) =>
        progress.Report(new ProgressEvent($"downloading {Display}", done, total, "bytes", isCompleted));

    // Errors of our own disk must not be taken for errors of the network, which are tried again.
    private T Writing<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CharlyException(
                Errors.Io,
                $"{part} could not be written: {e.Message}",
                "Free disk space or correct the rights, then run the same command again: the download goes on where it stopped.",
                target: part,
                inner: e);
        }
    }

    private async Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> receive, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StallTimeout);
        try
        {
            return await receive(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new TransientFault(e.InnerException is { } inner ? $"{e.Message} ({inner.Message})" : e.Message, e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TransientFault($"the server sent nothing for {StallTimeout.TotalSeconds:0} s", e);
        }
    }

    private CharlyException Failed(string message, Exception? cause) => new(
        Errors.ImageDownload,
        $"{Display} could not be downloaded: {message}",
        "Check the network and the address, then run the same command again: the download goes on where it stopped.",
        target: Display,
        inner: cause);

    private sealed class TransientFault(string message, Exception? cause = null) : Exception(message, cause);
}
