using System.Net;
using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Pods;

/// <summary>The settings of pods: a variable, else a key of the settings file, else the default (pod.md §1.3, deploy.md §13.1).</summary>
public sealed record PodSettings
{
    /// <summary>Address of this machine that ports without one are bound to.</summary>
    public string BindAddress { get; init; } = "127.0.0.1";

    /// <summary>Folder of automatic bind volumes.</summary>
    public required string VolumesPath { get; init; }

    /// <summary>Folder of encrypted volumes.</summary>
    public required string EncryptedPath { get; init; }

    /// <summary><c>auto</c>, <c>quadlet</c> or <c>direct</c>.</summary>
    public string RunMode { get; init; } = "auto";

    /// <summary>Whether pods start when their user logs in.</summary>
    public bool AutoEnable { get; init; } = true;

    /// <summary><c>auto</c>, <c>keyring</c>, <c>config</c> or another backend of credentials.</summary>
    public string SecretBackend { get; init; } = "auto";

    /// <summary>Whether shells get the SSH agent.</summary>
    public bool ForwardSshAgent { get; init; } = true;

    /// <summary>Whether shells get the GPG agent.</summary>
    public bool ForwardGpgAgent { get; init; } = true;

    /// <summary>Whether credentials may be in a keyring that is locked after a start: decided by the setting, not by probing (pod.md §14.3).</summary>
    public bool IsKeyringBackend => SecretBackend is "auto" or "keyring" or "";

    /// <summary>Reads the settings of a user.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.PodSetting"/> for a value that a setting can't have.</exception>
    public static PodSettings Read(CharlyEnvironment environment, HostPaths paths)
    {
        var file = File.Exists(paths.SettingsFile) && YamlReader.ReadFile(paths.SettingsFile) is [YamlMapping root, ..] ? root : null;
        return new PodSettings
        {
            BindAddress = Get("bind_address", ["CHARLY_BIND_ADDRESS"], v => v is "127.0.0.1" or "0.0.0.0", "127.0.0.1 or 0.0.0.0") ?? "127.0.0.1",
            VolumesPath = environment.Resolve(Get("volumes_path", ["CHARLY_VOLUMES_PATH"], IsPath, "an absolute path") ?? Path.Combine(paths.Data, "volumes")),
            EncryptedPath = environment.Resolve(Get("encrypted_storage_path", ["CHARLY_ENCRYPTED_STORAGE_PATH"], IsPath, "an absolute path") ?? Path.Combine(paths.Data, "encrypted")),
            RunMode = Get("run_mode", ["CHARLY_RUN_MODE"], v => v is "auto" or "quadlet" or "direct", "auto, quadlet or direct") ?? "auto",
            AutoEnable = Flag("auto_enable", "CHARLY_AUTO_ENABLE"),
            SecretBackend = Get("secret_backend", ["CHARLY_SECRET_BACKEND"], _ => true, "") ?? "auto",
            ForwardSshAgent = Flag("forward_ssh_agent", "CHARLY_FORWARD_SSH_AGENT"),
            ForwardGpgAgent = Flag("forward_gpg_agent", "CHARLY_FORWARD_GPG_AGENT"),
        };

        string? Get(string key, IReadOnlyList<string> variables, Func<string, bool> isValid, string accepted)
        {
            SourcePosition? position = null;
            var value = variables.Select(environment.Variable).FirstOrDefault(v => v is not null);
            if (value is null && Node(key) is YamlScalar { IsNull: false } scalar) (value, position) = (scalar.Text, scalar.Position);
            return value is null || isValid(value) ? value : throw new CharlyException(Errors.PodSetting, $"the setting {key} is \"{value}\"", $"Use {accepted}.", position, key);
        }

        YamlNode? Node(string key) => file?[key] ?? (key.IndexOf('.') is > 0 and var dot ? (file?[key[..dot]] as YamlMapping)?[key[(dot + 1)..]] : null);

        bool Flag(string key, string variable) => YamlBinder.ParseBoolean(Get(key, [variable], v => YamlBinder.ParseBoolean(v) is not null, "true or false") ?? "true")!.Value;
    }

    /// <summary>Whether an address reaches only this machine.</summary>
    internal static bool IsLoopback(string address) => IPAddress.TryParse(address, out var parsed) && IPAddress.IsLoopback(parsed);

    private static bool IsPath(string value) => value.StartsWith('/') || value.StartsWith("~/", StringComparison.Ordinal);
}
