using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>The file <c>config.yml</c>, which only its owner reads: settings, secrets that no keyring keeps, names of those that one does.</summary>
/// <param name="paths">Where it is.</param>
internal sealed class SettingsFile(HostPaths paths)
{
    /// <summary>Its path.</summary>
    public string Path => paths.SettingsFile;

    /// <summary>What it holds; null if it is not there or empty.</summary>
    /// <exception cref="CharlyException">It is not YAML, or no mapping.</exception>
    public YamlMapping? Read()
    {
        if (!File.Exists(Path)) return null;
        return YamlReader.ReadFile(Path) switch
        {
            [] or [YamlScalar { IsNull: true }, ..] => null,
            [YamlMapping root, ..] => root,
            [var other, ..] => throw new CharlyException(Errors.YamlType, $"the settings are {other.Description}, not keys with values", $"Look into {Path}.", other.Position),
        };
    }

    /// <summary>The text of a key, which stands nested or with its dot; null if it is not set.</summary>
    public string? Text(SettingKey key) => Text(Read(), key);

    /// <summary>As <see cref="Text(SettingKey)"/>, of what was read before.</summary>
    public static string? Text(YamlMapping? root, SettingKey key)
    {
        var value = root?[key.Name] ?? (key.Path.Count > 1 ? (root?[key.Path[0]] as YamlMapping)?[key.Path[1]] : null);
        return value switch
        {
            null or YamlScalar { IsNull: true } => null,
            YamlScalar scalar => scalar.Text,
            _ => throw new CharlyException(Errors.SettingInvalid, $"{key.Name} can't be {value.Description}", "Give it one value.", value.Position, key.Name),
        };
    }

    /// <summary>Changes it under a lock; comments and order stay.</summary>
    public async Task EditAsync(Action<YamlEditor> edit, CancellationToken cancellationToken)
    {
        using var held = await FileLock.AcquireAsync(Path + ".lock", null, cancellationToken).ConfigureAwait(false);
        var text = File.Exists(Path) ? await File.ReadAllTextAsync(Path, cancellationToken).ConfigureAwait(false) : "";
        var editor = new YamlEditor(text, Path);
        edit(editor);
        if (editor.Text != text) AtomicFile.Write(Path, editor.Text, AtomicFile.Private);
    }
}
