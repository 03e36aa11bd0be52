using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using OpenCharly.Execution;
using OpenCharly.Foundation;

namespace OpenCharly.LiveTests.Support;

/// <summary>
/// A real sshd on a free loopback port with a host key, a client key and a client configuration of its own. Everything
/// is in one temporary folder and gone afterwards; the user's own ssh set-up is neither read nor changed.
/// </summary>
public class LoopbackSshd : IAsyncLifetime
{
    /// <summary>The name under which the client configuration knows the server.</summary>
    public const string Alias = "lab-host";

    private readonly ProcessRunner _programs;
    private readonly StringBuilder _log = new();
    private Process? _server;

    public LoopbackSshd()
    {
        // Short, because control sockets lie below it; readable by others, because sshd reads keys as the log-in user.
        Folder = Leftovers.NewFolder();
        File.SetUnixFileMode(Folder, AtomicFile.Shared | (UnixFileMode)0b001_001_001);
        var real = CharlyEnvironment.FromProcess();
        var variables = new Dictionary<string, string>(real.Variables) { ["HOME"] = At("home"), ["XDG_RUNTIME_DIR"] = At("run") };
        variables.Remove("SSH_AUTH_SOCK");
        Environment = real with { Home = At("home"), WorkingDirectory = Folder, Variables = variables };
        Directory.CreateDirectory(Environment.Home);
        Directory.CreateDirectory(LoginHome);
        _programs = new ProcessRunner(Environment);
        Paths = new HostPaths(Environment);
    }

    /// <summary>Temporary folder of the fixture.</summary>
    public string Folder { get; }

    /// <summary>Environment with a home and runtime folder of the fixture.</summary>
    public CharlyEnvironment Environment { get; }

    /// <summary>Paths in that environment.</summary>
    public HostPaths Paths { get; }

    /// <summary>The server's port.</summary>
    public int Port { get; private set; }

    /// <summary>The client configuration, with <see cref="Alias"/>.</summary>
    public string ConfigFile => At("ssh_config");

    /// <summary>The only known_hosts file that the client configuration names.</summary>
    public string KnownHosts => At("known_hosts");

    /// <summary>Private key of the client.</summary>
    public string ClientKey => At("client_key");

    /// <summary>The home folder that the user who runs the tests has after a log-in: not the real one.</summary>
    public string LoginHome => At("login");

    /// <summary>What the server wrote so far.</summary>
    public string Log
    {
        get
        {
            lock (_log) return _log.ToString();
        }
    }

    /// <summary>The destination for executors.</summary>
    /// <param name="user">Log-in user; the one who runs the tests if null.</param>
    public SshDestination Destination(string? user = null) => new(Alias) { User = user, ConfigFile = ConfigFile };

    /// <summary>A new executor for the server.</summary>
    /// <param name="user">Log-in user; the one who runs the tests if null.</param>
    public SshExecutor Executor(string? user = null) => new(Destination(user), Environment, Paths, _programs);

    /// <summary>A path in <see cref="Folder"/>.</summary>
    public string At(string name) => Path.Combine(Folder, name);

    /// <summary>Words in front of the server's own command line, for a server that runs somewhere else.</summary>
    protected virtual IReadOnlyList<string> Launcher => [];

    /// <inheritdoc/>
    public virtual async Task InitializeAsync()
    {
        if (Need.Missing("sshd", "ssh", "ssh-keygen") is not null) return;
        Leftovers.SweepFolders(Path.GetTempPath());
        if (System.Environment.IsPrivilegedProcess) Directory.CreateDirectory("/run/sshd");
        await MakeKeyAsync("host_key");
        await MakeKeyAsync("client_key");
        File.Copy(At("client_key.pub"), At("authorized_keys"));
        Port = FreePort();
        await File.WriteAllTextAsync(At("sshd_config"), $"""
            ListenAddress 127.0.0.1
            Port {Port}
            HostKey {At("host_key")}
            AuthorizedKeysFile {At("authorized_keys")}
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            PermitRootLogin prohibit-password
            PidFile none
            MaxStartups 100
            MaxSessions 50
            Match User {System.Environment.UserName}
              SetEnv HOME={LoginHome}

            """);
        WriteClientConfig();
        await TrustHostKeyAsync();
        await StartAsync();
    }

    /// <summary>Writes the client configuration for the present port.</summary>
    public void WriteClientConfig() => File.WriteAllText(ConfigFile, $"""
        Host {Alias}
          HostName 127.0.0.1
          Port {Port}
          IdentityFile {ClientKey}
          IdentitiesOnly yes
          StrictHostKeyChecking yes
          UserKnownHostsFile {KnownHosts}
          GlobalKnownHostsFile /dev/null

        """);

    /// <summary>Makes known_hosts name exactly the server's present host key.</summary>
    public async Task TrustHostKeyAsync() =>
        await File.WriteAllTextAsync(KnownHosts, $"[127.0.0.1]:{Port} {await File.ReadAllTextAsync(At("host_key.pub"))}");

    /// <summary>Gives the server another host key, as a machine made anew has.</summary>
    public async Task ChangeHostKeyAsync()
    {
        await StopAsync();
        File.Delete(At("host_key"));
        File.Delete(At("host_key.pub"));
        await MakeKeyAsync("host_key");
        await StartAsync();
    }

    /// <summary>Starts the server and waits until it greets.</summary>
    public virtual async Task StartAsync()
    {
        string[] words = [.. Launcher, Need.Program("sshd"), "-D", "-e", "-f", At("sshd_config")];
        var info = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardError = true };
        var server = _server = Process.Start(info)!;
        server.ErrorDataReceived += (_, line) =>
        {
            lock (_log) _log.AppendLine(line.Data);
        };
        server.BeginErrorReadLine();
        var deadline = DateTime.UtcNow.AddSeconds(20);
        while (!await GreetsAsync())
        {
            if (server.HasExited || DateTime.UtcNow > deadline) throw new InvalidOperationException($"sshd does not come up:\n{Log}");
            await Task.Delay(20);
        }
    }

    /// <summary>Stops the server and cuts its connections.</summary>
    public virtual async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _server, null) is not { } server) return;
        server.Kill(entireProcessTree: true);
        await server.WaitForExitAsync();
        server.Dispose();
    }

    /// <inheritdoc/>
    public virtual async Task DisposeAsync()
    {
        if (Directory.Exists(Paths.SshControl))
        {
            foreach (var socket in Directory.GetFiles(Paths.SshControl))
            {
                await _programs.RunAsync(new ProcessRequest("ssh", "-o", $"ControlPath={socket}", "-O", "exit", "-F", ConfigFile, Alias));
            }
        }

        await StopAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<bool> GreetsAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return await client.GetStream().ReadAsync(new byte[16]) > 0;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }

    private async Task MakeKeyAsync(string name)
    {
        var result = await _programs.RunAsync(new ProcessRequest("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", At(name)));
        if (!result.Succeeded) throw new InvalidOperationException(result.Tail());
    }
}
