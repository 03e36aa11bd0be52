param([Parameter(Mandatory)] [string] $Module)

BeforeDiscovery {
    $commands = (Import-Module $Module -PassThru).ExportedCmdlets.Values | Sort-Object Name | ForEach-Object { @{ Name = $_.Name } }
}

Describe 'Help' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $repository = Join-Path $PSScriptRoot '../..'
        $pages = Join-Path $repository 'docs/help'
    }

    It 'has a page for each cmdlet, and a cmdlet for each page' {
        (Get-ChildItem $pages -Filter *-*.md).BaseName | Sort-Object | Should -Be (Get-Command -Module OpenCharly).Name
    }

    It 'has pages whose syntax and parameters are those of the cmdlets' {
        $fresh = New-Item -ItemType Directory (Join-Path $TestDrive 'help')
        Copy-Item (Join-Path $pages '*-*.md') $fresh
        $null = Invoke-FreshShell "& '$repository/src/OpenCharly.PowerShell.HelpBuild/Update-HelpPage.ps1' -Module '$Module' -Source '$fresh'"
        foreach ($page in Get-ChildItem $pages -Filter *-*.md) {
            Get-Content (Join-Path $fresh $page.Name) -Raw | Should -BeExactly (Get-Content $page.FullName -Raw) -Because "$($page.Name) is brought up to date by ./build.ps1 -Task Help"
        }
    }

    Context '<Name>' -ForEach $commands {
        BeforeAll {
            $help = Get-Help $Name -Full
            $command = Get-Command $Name
        }

        It 'has synopsis, description and two examples with code and words' {
            $help.Synopsis | Should -Match '\w+.*\.$'
            $help.description.Text | Should -Not -BeNullOrEmpty
            @($help.examples.example).Count | Should -BeGreaterOrEqual 2
            foreach ($example in $help.examples.example) {
                $example.code | Should -Match $Name -Because $example.title
                $example.remarks.Text | Should -Not -BeNullOrEmpty -Because $example.title
            }
        }

        It 'has examples that parse' {
            foreach ($example in $help.examples.example) {
                $errors = $null
                $code = $example.code -replace '(?m)^PS> '
                $null = [System.Management.Automation.Language.Parser]::ParseInput($code, [ref]$null, [ref]$errors)
                $errors | Should -BeNullOrEmpty -Because $code
            }
        }

        It 'has examples whose commands and parameters exist' {
            foreach ($example in $help.examples.example) {
                $ast = [System.Management.Automation.Language.Parser]::ParseInput(($example.code -replace '(?m)^PS> '), [ref]$null, [ref]$null)
                foreach ($call in $ast.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
                    $called = Get-Command $call.GetCommandName() -ErrorAction Stop
                    foreach ($used in $call.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] }) {
                        { $called.ResolveParameter($used.ParameterName) } | Should -Not -Throw -Because $call.Extent.Text
                    }
                }
            }
        }

        It 'says something about each parameter' {
            foreach ($parameter in $help.parameters.parameter) { $parameter.description.Text | Should -Not -BeNullOrEmpty -Because $parameter.name }
            @($help.parameters.parameter).name | Should -Be @($command.Parameters.Keys | Where-Object { $_ -notin [System.Management.Automation.Cmdlet]::CommonParameters } | Sort-Object { $_ -in 'WhatIf', 'Confirm' }, { $_ })
        }

        It 'has a HelpMessage on each parameter, which completion shows' {
            $own = $command.Parameters.Values | Where-Object { $_.Name -notin [System.Management.Automation.Cmdlet]::CommonParameters -and $_.Name -notin 'WhatIf', 'Confirm' }
            foreach ($parameter in $own) { $parameter.ParameterSets.Values.HelpMessage | Should -Not -BeNullOrEmpty -Because $parameter.Name }
        }

        It 'links only to pages that exist' {
            foreach ($link in $help.relatedLinks.navigationLink.linkText) { Join-Path $pages "$link.md" | Should -Exist }
        }

        It 'declares what it emits, as the page says' {
            $said = @($help.returnValues.returnValue.type.name | Where-Object { $_ -ne 'None' })
            $said | Should -Be @($command.OutputType | ForEach-Object Name)
        }
    }
}
