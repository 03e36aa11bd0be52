using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace OpenCharly.Tests.Checks;

/// <summary>A small web server on loopback, with TLS if asked for.</summary>
internal sealed class WebServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly X509Certificate2? _certificate;
    private readonly Task _work;

    public WebServer(bool tls = false)
    {
        _certificate = tls ? MakeCertificate() : null;
        _listener.Start();
        _work = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Url => $"{(_certificate is null ? "http" : "https")}://127.0.0.1:{Port}";

    /// <summary>The certificate, for clients to trust.</summary>
    public string Pem => _certificate!.ExportCertificatePem();

    /// <summary>How often <c>/later</c> must be asked for before it is there.</summary>
    public int Later { get; set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _listener.Dispose();
        _certificate?.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await AnswerAsync(client);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        try
        {
            Stream stream = client.GetStream();
            if (_certificate is not null)
            {
                var tls = new SslStream(stream);
                await tls.AuthenticateAsServerAsync(_certificate);
                stream = tls;
            }

            var text = new StringBuilder();
            var buffer = new byte[8192];
            while (!IsComplete(text.ToString()) && await stream.ReadAsync(buffer, _stop.Token) is > 0 and var count) text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            await stream.WriteAsync(Encoding.UTF8.GetBytes(Answer(text.ToString())), _stop.Token);
        }
        catch (IOException)
        {
            // A client that does not trust the certificate hangs up.
        }
        catch (System.Security.Authentication.AuthenticationException)
        {
            // The same, earlier.
        }
    }

    private static bool IsComplete(string request)
    {
        var end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0) return false;
        var length = request.Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))?.Split(':')[1].Trim() ?? "0";
        return Encoding.UTF8.GetByteCount(request[(end + 4)..]) >= int.Parse(length);
    }

    private string Answer(string request)
    {
        var words = request.Split(' ');
        var body = request[(request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        var (status, headers, content) = (words[0], words[1]) switch
        {
            (_, "/moved") => ("302 Found", "Location: /hello\r\n", ""),
            (_, "/around") => ("302 Found", "Location: /around\r\n", ""),
            (_, "/hello") => ("200 OK", "X-Flavour: sour\r\n", "hello\n"),
            (_, "/chunks") => ("200 OK", "Transfer-Encoding: chunked\r\n", "4\r\nhell\r\n1\r\no\r\n0\r\n\r\n"),
            ("HEAD", _) => ("204 No Content", "", ""),
            (_, "/later") => Later-- > 0 ? ("503 Not Yet", "", "") : ("200 OK", "", "now"),
            ("POST" or "PUT", "/echo") => ("201 Created", "", words[0] + " " + body),
            _ => ("404 Not Found", "", "nothing here"),
        };
        var length = headers.Contains("chunked", StringComparison.Ordinal) ? "" : $"Content-Length: {Encoding.UTF8.GetByteCount(content)}\r\n";
        return $"HTTP/1.1 {status}\r\n{headers}{length}Connection: close\r\n\r\n{content}";
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
