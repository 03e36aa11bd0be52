using OpenCharly.Foundation;

namespace OpenCharly.Vms.Definitions;

/// <summary>A VMFile that was read and found valid.</summary>
/// <param name="Path">Absolute path of the file.</param>
/// <param name="Machines">Its machines, in order.</param>
/// <param name="Warnings">What is odd, but can be used.</param>
public sealed record VmFileDocument(string Path, IReadOnlyList<VmDefinition> Machines, IReadOnlyList<Problem> Warnings)
{
    /// <summary>Name of the file that is looked for in the working folder.</summary>
    public const string DefaultName = "VMFile.kdl";

    /// <summary>The machines of some names, in the order of the file; all for none.</summary>
    /// <param name="names">Names, with the wildcards <c>*</c>, <c>?</c> and <c>[]</c>.</param>
    /// <exception cref="CharlyException"><see cref="Errors.VmNotFound"/> for a plain name that the file does not define.</exception>
    public IReadOnlyList<VmDefinition> Select(IReadOnlyList<string> names)
    {
        foreach (var name in names.Where(n => !NamePattern.IsPattern(n) && Machines.All(m => m.Name != n)))
        {
            var known = Machines.Select(m => m.Name).ToArray();
            throw new CharlyException(
                Errors.VmNotFound, $"{Path} defines no machine \"{name}\"", Nearest.Suggest(name, known, $"It defines: {string.Join(", ", known)}."), target: name);
        }

        return names.Count == 0 ? Machines : [.. Machines.Where(m => names.Any(n => NamePattern.Matches(n, m.Name)))];
    }
}
