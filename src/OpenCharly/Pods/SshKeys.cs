using OpenCharly.Boxes;
using OpenCharly.Foundation;

namespace OpenCharly.Pods;

/// <summary>The public SSH key that a pod lets in (pod.md §7).</summary>
internal static class SshKeys
{
    /// <summary>The variable that images read it from.</summary>
    public const string Variable = "SSH_AUTHORIZED_KEYS";

    private static readonly string[] Names = ["id_ed25519.pub", "id_rsa.pub", "id_ecdsa.pub"];

    /// <summary>The key; null if the pod gets none.</summary>
    /// <param name="environment">Where the user's own keys are.</param>
    /// <param name="generated">Folder of the pair that was generated for the pod.</param>
    /// <param name="choice"><c>auto</c>, <c>generate</c>, <c>none</c> or a file; null if the user did not say.</param>
    /// <param name="labels">Whether the image takes one.</param>
    /// <exception cref="CharlyException"><see cref="Errors.PodEnvironment"/> for a key that is not there.</exception>
    public static string? Find(CharlyEnvironment environment, string generated, string? choice, BoxLabels labels)
    {
        switch (choice)
        {
            case "none":
                return null;
            case null when labels.EnvAccept.Concat(labels.EnvRequire).All(r => r.Name != Variable):
                return null;
            case null or "auto":
                var own = Names.Select(n => Path.Combine(environment.Home, ".ssh", n)).FirstOrDefault(File.Exists);
                if (own is not null) return Read(own);
                return choice is null ? null : throw Missing("there is no public key in ~/.ssh", "Make one with ssh-keygen, or use --ssh-key generate.");
            case "generate":
                var made = Path.Combine(generated, "id_ed25519.pub");
                return File.Exists(made) ? Read(made) : throw Missing($"{made} does not exist", "Run it again; the key pair is made first.");
            default:
                var file = environment.Resolve(choice);
                return File.Exists(file) ? Read(file) : throw Missing($"{file} does not exist", "Name a public key, or use auto, generate or none.");
        }
    }

    private static string Read(string file)
    {
        var text = File.ReadAllText(file).Trim();
        return text.Contains("PRIVATE KEY", StringComparison.Ordinal) ? throw Missing($"{file} is a private key", "Name the public one, which ends in .pub.") : text.ReplaceLineEndings(" ");
    }

    private static CharlyException Missing(string what, string help) => new(Errors.PodEnvironment, $"--ssh-key: {what}", help);
}
