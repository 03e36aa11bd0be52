using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using OpenCharly.Foundation;

namespace OpenCharly.Vms.Templates;

/// <summary>A bucket of any S3-compatible service, addressed by path and signed with version 4.</summary>
internal sealed class S3TemplateRegistry : ITemplateRegistry
{
    private const int BufferSize = 1 << 20;
    private const int MaxSmall = 1 << 20;
    private const long PartSize = 64L << 20;

    private readonly AmazonS3Client _client;
    private readonly string _bucket;

    public S3TemplateRegistry(TemplateRegistrySettings settings)
    {
        _bucket = settings.Bucket;
        Name = $"{settings.Endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{settings.Bucket}";
        _client = new AmazonS3Client(
            new BasicAWSCredentials(settings.AccessKey, settings.SecretKey),
            new AmazonS3Config
            {
                ServiceURL = settings.Endpoint.ToString(),
                AuthenticationRegion = settings.Region,
                ForcePathStyle = true,
                UseHttp = settings.Endpoint.Scheme == "http",
                // Services other than Amazon's know no trailing checksums; ours are in checksums.json.
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
                ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
                MaxErrorRetry = 3,
                // For the head of an answer, and for one part of an upload.
                Timeout = TimeSpan.FromMinutes(10),
            });
    }

    public string Name { get; }

    public Task<byte[]?> ReadAsync(string key, CancellationToken cancellationToken) => GuardAsync($"can't be read at {key}", async () =>
    {
        using var response = await FindAsync(key, cancellationToken).ConfigureAwait(false);
        if (response is null) return null;
        var buffer = new byte[MaxSmall + 1];
        var count = await response.ResponseStream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return count <= MaxSmall ? buffer[..count] : throw new IOException("the object is too large");
    });

    public Task WriteAsync(string key, byte[] content, CancellationToken cancellationToken) => GuardAsync($"can't be written at {key}", async () =>
    {
        using var stream = new MemoryStream(content);
        return await _client.PutObjectAsync(Put(key, stream), cancellationToken).ConfigureAwait(false);
    });

    public Task<bool> DownloadAsync(string key, string path, Action<long, long> progress, CancellationToken cancellationToken) => GuardAsync($"can't be read at {key}", async () =>
    {
        using var response = await FindAsync(key, cancellationToken).ConfigureAwait(false);
        if (response is null) return false;
        await TemplateStreams.SaveAsync(response.ResponseStream, response.ContentLength, path, progress, BufferSize, cancellationToken).ConfigureAwait(false);
        return true;
    });

    public Task UploadAsync(string key, string path, Action<long, long> progress, CancellationToken cancellationToken) => GuardAsync($"can't be written at {key}", async () =>
    {
        var total = new FileInfo(path).Length;
        if (total > PartSize)
        {
            await UploadPartsAsync(key, path, total, progress, cancellationToken).ConfigureAwait(false);
            return true;
        }

        var stream = File.OpenRead(path);
        await using var own = stream.ConfigureAwait(false);
        await _client.PutObjectAsync(Put(key, stream), cancellationToken).ConfigureAwait(false);
        progress(total, total);
        return true;
    });

    public void Dispose() => _client.Dispose();

    private PutObjectRequest Put(string key, Stream content) => new() { BucketName = _bucket, Key = key, InputStream = content, AutoCloseStream = false, UseChunkEncoding = false };

    private async Task UploadPartsAsync(string key, string path, long total, Action<long, long> progress, CancellationToken cancellationToken)
    {
        var begun = await _client.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = _bucket, Key = key }, cancellationToken).ConfigureAwait(false);
        try
        {
            var parts = new List<PartETag>();
            for (var (at, number) = (0L, 1); at < total; at += PartSize, number++)
            {
                var part = new UploadPartRequest
                {
                    BucketName = _bucket, Key = key, UploadId = begun.UploadId, PartNumber = number, FilePath = path, FilePosition = at,
                    PartSize = Math.Min(PartSize, total - at), UseChunkEncoding = false,
                };
                parts.Add(new PartETag(number, (await _client.UploadPartAsync(part, cancellationToken).ConfigureAwait(false)).ETag));
                progress(Math.Min(at + PartSize, total), total);
            }

            var whole = new CompleteMultipartUploadRequest { BucketName = _bucket, Key = key, UploadId = begun.UploadId, PartETags = parts };
            await _client.CompleteMultipartUploadAsync(whole, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // Parts of an upload that never ends are kept, and paid for. The first error is the one to tell.
            await AbortAsync(key, begun.UploadId).ConfigureAwait(false);
            throw;
        }
    }

    private async Task AbortAsync(string key, string upload)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _client.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = _bucket, Key = key, UploadId = upload }, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is AmazonServiceException or AmazonClientException or OperationCanceledException or WebException or HttpRequestException or IOException)
        {
            // The service that failed the upload may fail this as well; whoever pushes again is told of it then.
        }
    }

    private async Task<GetObjectResponse?> FindAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.GetObjectAsync(new GetObjectRequest { BucketName = _bucket, Key = key }, cancellationToken).ConfigureAwait(false);
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchKey")
        {
            return null;
        }
    }

    private async Task<T> GuardAsync<T>(string what, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (AmazonServiceException e)
        {
            var answer = string.IsNullOrWhiteSpace(e.ErrorCode) ? e.Message : $"{e.ErrorCode}: {e.Message}";
            throw ((ITemplateRegistry)this).Failed(what, new IOException(answer, null));
        }
        catch (Exception e) when (e is AmazonClientException or HttpRequestException or WebException or IOException or TimeoutException)
        {
            throw ((ITemplateRegistry)this).Failed(what, e);
        }
    }
}
