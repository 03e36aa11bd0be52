using OpenCharly.Foundation;
using OpenCharly.Yaml;

namespace OpenCharly.Model;

/// <summary>The user's settings (deploy.md §13.1): a variable of the process, else the settings file, else the default.</summary>
/// <param name="environment">Variables of the process.</param>
/// <param name="paths">Where the settings file is.</param>
public sealed class Settings(CharlyEnvironment environment, HostPaths paths)
{
    private readonly SettingsFile _file = new(paths);

    /// <summary>The settings file; it need not be there.</summary>
    public string FilePath => _file.Path;

    /// <summary>One setting as it is in force.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SettingUnknown"/>; <see cref="Errors.SettingInvalid"/> for a
    /// variable or a file with a value that it can't have.</exception>
    public Setting Get(string key) => Get(SettingKey.Of(key), _file.Read());

    /// <summary>All settings as they are in force, those without a value included.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.SettingInvalid"/>.</exception>
    public IReadOnlyList<Setting> List()
    {
        var root = _file.Read();
        var hosts = root?["hosts"] is YamlMapping aliases ? aliases.Entries.Select(e => SettingKey.Of("hosts." + e.Key.Text)) : [];
        return [.. SettingKey.All.Concat(hosts).Select(key => Get(key, root))];
    }

    /// <summary>Writes a setting into the file.</summary>
    /// <returns>The setting as the file has it now; a variable may still come before it.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SettingUnknown"/>, <see cref="Errors.SettingInvalid"/>; nothing was changed.</exception>
    public async Task<Setting> SetAsync(string key, string value, CancellationToken cancellationToken = default)
    {
        var known = SettingKey.Of(key);
        var normal = known.Check(value);
        await _file.EditAsync(editor => editor.Set(editor.Has(known.Name) ? [known.Name] : known.Path, Plain(normal)), cancellationToken).ConfigureAwait(false);
        return new Setting(known.Name, normal, SettingSource.File);
    }

    /// <summary>Takes settings out of the file; secrets stay.</summary>
    /// <param name="keys">Which; all if empty.</param>
    /// <param name="dryRun">Only says which would go.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The keys that were in it.</returns>
    /// <exception cref="CharlyException"><see cref="Errors.SettingUnknown"/>.</exception>
    public async Task<IReadOnlyList<string>> ResetAsync(IReadOnlyList<string> keys, bool dryRun = false, CancellationToken cancellationToken = default)
    {
        var root = _file.Read();
        var hosts = root?["hosts"] is YamlMapping aliases ? aliases.Entries.Select(e => SettingKey.Host(e.Key.Text)) : [];
        SettingKey[] wanted = keys.Count > 0 ? [.. keys.Select(SettingKey.Of)] : [.. SettingKey.All, .. hosts];
        SettingKey[] found = [.. wanted.Where(k => root?[k.Name] is not null || (k.Path.Count > 1 && (root?[k.Path[0]] as YamlMapping)?[k.Path[1]] is not null))];
        if (found.Length > 0 && !dryRun)
        {
            await _file.EditAsync(editor =>
            {
                foreach (var key in found)
                {
                    editor.Remove([key.Name]);
                    editor.Remove(key.Path, removeEmptyParents: true);
                }
            }, cancellationToken).ConfigureAwait(false);
        }

        return [.. found.Select(k => k.Name)];
    }

    private Setting Get(SettingKey key, YamlMapping? root)
    {
        foreach (var variable in key.Variables)
        {
            if (environment.Variable(variable) is { } value) return new Setting(key.Name, key.Check(value, variable), SettingSource.Env);
        }

        return SettingsFile.Text(root, key) is { } text
            ? new Setting(key.Name, key.Check(text, _file.Path), SettingSource.File)
            : new Setting(key.Name, key.Default is ['~', '/', ..] ? environment.Resolve(key.Default) : key.Default, SettingSource.Default);
    }

    private static YamlValue Plain(string value) => value switch
    {
        "true" => true,
        "false" => false,
        _ => long.TryParse(value, out var number) && number.ToString(System.Globalization.CultureInfo.InvariantCulture) == value ? number : value,
    };
}
