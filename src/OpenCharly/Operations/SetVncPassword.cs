using OpenCharly.Foundation;
using OpenCharly.Model;
using OpenCharly.Pods;
using OpenCharly.Pods.Secrets;

namespace OpenCharly.Operations;

/// <summary>What <c>SetVncPassword</c> works from.</summary>
public sealed record VncPasswordRequest : PodRequest
{
    /// <summary>Make a new password up, keep it, and give it back.</summary>
    public bool Generate { get; init; }

    /// <summary>Asks the user for a password; null where nobody can be asked.</summary>
    public Func<string, CancellationToken, Task<string?>>? Ask { get; init; }
}

/// <summary>The password of a pod's VNC server, as it is in force now.</summary>
/// <param name="Name">Deploy key of the pod.</param>
/// <param name="User">User name that clients give.</param>
/// <param name="Source">Where the password is kept.</param>
/// <param name="Password">The password if it was made up just now; null for one that was kept or typed, which does not come back.</param>
public sealed record VncPassword(string Name, string User, string Source, string? Password);

/// <summary>Puts a password on the VNC server (wayvnc) in a running pod (pod.md §17).</summary>
/// <param name="context">What it works with.</param>
public sealed class SetVncPassword(CharlyContext context)
{
    private const string Service = "wayvnc";

    private readonly PodLookup _lookup = new(context);

    /// <summary>
    /// Writes the server's configuration in the container and restarts it. The password is the one that is kept for the pod, as <c>charly/vnc</c>
    /// or the setting <c>vnc.password.KEY</c>; without one it is asked for and kept. Keys that are in the container stay, since clients remember them.
    /// </summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodNotRunning"/>; <see cref="Errors.PodServiceUnknown"/> for an image without wayvnc, <see cref="Errors.PodInit"/>;
    /// <see cref="Errors.PodSecret"/> if there is no password; <see cref="Errors.SecretStore"/>; <see cref="Errors.PodService"/> if the server could not be configured.</exception>
    public async Task<VncPassword> RunAsync(VncPasswordRequest request, CancellationToken cancellationToken = default)
    {
        var pod = await RunningPod.FindAsync(_lookup, request, cancellationToken).ConfigureAwait(false);

        // An image without the server is refused before anything is made up, asked for or kept.
        await ControlPodService.RunAsync(pod, PodServiceVerb.Status, Service, cancellationToken).ConfigureAwait(false);
        var (password, source) = await PasswordAsync(pod.Pod.Key, request, cancellationToken).ConfigureAwait(false);
        var written = await pod.ExecAsync(["sh", "-s"], Script(pod, password), pod.Labels.User, cancellationToken).ConfigureAwait(false);
        if (!written.Succeeded)
        {
            throw new CharlyException(Errors.PodService, $"the configuration of {Service} could not be written in {pod.Pod.Key.Container} (exit code {written.ExitCode}): {written.Tail(1)}", "Look whether the home folder of its user can be written.", target: pod.Pod.Key.Text);
        }

        await ControlPodService.RunAsync(pod, PodServiceVerb.Restart, Service, cancellationToken).ConfigureAwait(false);
        return new VncPassword(pod.Pod.Key.Text, pod.Labels.User, source.ToString().ToLowerInvariant(), request.Generate ? password : null);
    }

    /// <summary>What <see cref="RunAsync"/> would do, a line each. Everything that it refuses is refused; nothing is made up, asked for or kept.</summary>
    /// <exception cref="CharlyException">As for <see cref="RunAsync"/>, but for what the container answers.</exception>
    public async Task<IReadOnlyList<string>> PreviewAsync(VncPasswordRequest request, CancellationToken cancellationToken = default)
    {
        var pod = await RunningPod.FindAsync(_lookup, request, cancellationToken).ConfigureAwait(false);
        await ControlPodService.RunAsync(pod, PodServiceVerb.Status, Service, cancellationToken).ConfigureAwait(false);
        var key = pod.Pod.Key;
        var kept = request.Generate ? null : await KeptAsync(key, cancellationToken).ConfigureAwait(false);
        if (kept is null && !request.Generate && request.Ask is null) throw NoPassword(key);
        return
        [
            kept is { } known ? $"take the password of {key} from {known.Source.ToString().ToLowerInvariant()}" : $"{(request.Generate ? "make up" : "ask for")} a password of {key}, and keep it as {AddressOf(key)}",
            $"write {Folder(pod)}/config in {key.Container}", $"restart {Service} in {key.Container}",
        ];
    }

    private static CredentialAddress AddressOf(PodKey key) => CredentialAddress.Of("charly/vnc", key.Dashed);

    private static string Folder(RunningPod pod) => $"{pod.Labels.Home.TrimEnd('/')}/.config/wayvnc";

    private async Task<Credential?> KeptAsync(PodKey key, CancellationToken cancellationToken)
    {
        if (await context.Credentials.FindAsync(AddressOf(key), null, cancellationToken).ConfigureAwait(false) is not { } kept) return null;
        Checked(key, kept.Value);
        return kept;
    }

    private static CharlyException NoPassword(PodKey key) =>
        new(Errors.PodSecret, $"there is no VNC password for {key}", $"Keep one: charly settings set vnc.password.{key}; or make one up: charly eval vnc passwd {key.Arguments} --generate", target: key.Text);

    private async Task<(string Password, CredentialSource Source)> PasswordAsync(PodKey key, VncPasswordRequest request, CancellationToken cancellationToken)
    {
        if (!request.Generate && await KeptAsync(key, cancellationToken).ConfigureAwait(false) is { } kept) return (kept.Value, kept.Source);
        var typed = request.Generate ? SetSecret.Generate() : request.Ask is null ? null : await request.Ask($"VNC password of {key}", cancellationToken).ConfigureAwait(false);
        if (typed is not { Length: > 0 }) throw NoPassword(key);
        var password = Checked(key, typed);
        return (password, (await new SetSecret(context).RunAsync(AddressOf(key).Service, AddressOf(key).Item, password, cancellationToken).ConfigureAwait(false)).Source);
    }

    // The server's file has no way to write these.
    private static string Checked(PodKey key, string password) => password.Any(char.IsControl) || password.Trim().Length != password.Length
        ? throw new CharlyException(Errors.PodSecret, $"the VNC password of {key} begins or ends with a blank, or holds a line break or another control character", $"Make one up: charly eval vnc passwd {key.Arguments} --generate", target: key.Text)
        : password;

    // It goes in on standard input, where no list of processes shows it.
    private string Script(RunningPod pod, string password)
    {
        var identity = VncIdentity.Create(pod.Pod.Key.Container, context.Environment.Clock.GetUtcNow());
        var folder = Folder(pod);
        var configuration = string.Join('\n',
        [
            "# Written by charly eval vnc passwd", "address=0.0.0.0", "enable_auth=true", $"username={pod.Labels.User}", $"password={password}",
            $"private_key_file={folder}/tls_key.pem", $"certificate_file={folder}/tls_cert.pem", $"rsa_private_key_file={folder}/rsa_key.pem", "",
        ]);
        return $"""
            set -eu
            umask 077
            mkdir -p {Shell.Quote(folder)}
            cd {Shell.Quote(folder)}
            if [ ! -s tls_key.pem ] || [ ! -s tls_cert.pem ]; then
              printf %s {Shell.Quote(identity.TlsKey)} > tls_key.pem.new
              printf %s {Shell.Quote(identity.TlsCertificate)} > tls_cert.pem.new
              mv tls_key.pem.new tls_key.pem
              mv tls_cert.pem.new tls_cert.pem
            fi
            if [ ! -s rsa_key.pem ]; then
              printf %s {Shell.Quote(identity.RsaKey)} > rsa_key.pem.new
              mv rsa_key.pem.new rsa_key.pem
            fi
            printf %s {Shell.Quote(configuration)} > config.new
            mv config.new config

            """;
    }
}
