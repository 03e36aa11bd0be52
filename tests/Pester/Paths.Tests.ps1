param([Parameter(Mandatory)] [string] $Module)

Describe 'Paths' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $folder = [System.IO.Directory]::CreateTempSubdirectory('charly-pester-').FullName
        $old = Use-TestHome (New-TestHome (Join-Path $folder 'home'))
        $project = Join-Path $folder "pro [x] '`u{fc}'"
        New-TestProject (Join-Path $folder 'plain')
        New-TestDisk (Join-Path $folder 'plain') web
        [System.IO.Directory]::Move((Join-Path $folder 'plain'), $project)
        Push-Location -LiteralPath $project
        $null = New-CharlyVm web
        $plan = Get-CharlyPlan host greeting

        function Get-ErrorRecord([scriptblock] $Script) {
            $problems = $null
            try { $null = & $Script } catch { $problems = $_ }
            $problems
        }
    }

    AfterAll {
        Pop-Location
        Reset-TestHome $old
        Remove-Item -LiteralPath $folder -Recurse -Force
    }

    Context 'with brackets, blanks, quotes and letters of all kinds' {
        It 'are taken as they are written by -LiteralPath, and from Get-ChildItem: <Cmdlet>' -ForEach @(
            @{ Cmdlet = 'Import-CharlyPlan'; Name = 'p [1].json'; Write = { $plan | Export-CharlyPlan $file } }
            @{ Cmdlet = 'Import-CharlyDeployment'; Name = 'd [1].yml'; Write = { Export-CharlyDeployment -Path $file } }
            @{ Cmdlet = 'Import-CharlyVmState'; Name = 's [1].json'; Write = { Export-CharlyVmState -Path $file }; Arguments = @{ Force = $true } }
            @{ Cmdlet = 'Import-CharlyVmFile'; Name = 'v [1].kdl'; Write = { [System.IO.File]::WriteAllText((Join-Path $project 'base.qcow2'), ''); Set-Content -LiteralPath $file 'vm "lab" { image "base.qcow2" }' } }
        ) {
            $file = Join-Path $project $Name
            . $Write
            [System.IO.File]::Exists($file) | Should -BeTrue
            $Arguments ??= @{}
            @(& $Cmdlet -LiteralPath $Name @Arguments).Count | Should -Be 1
            @(Get-Item -LiteralPath $file | & $Cmdlet @Arguments).Count | Should -Be 1
            @(& $Cmdlet ($Name -replace '[[\]]', '?') @Arguments).Count | Should -Be 1
        }

        It 'name projects: <Cmdlet>' -ForEach @(
            @{ Cmdlet = 'Test-CharlyProject' }
            @{ Cmdlet = 'Get-CharlyProblem' }
        ) {
            $here = @(& $Cmdlet)
            $here.Count | Should -BeGreaterThan 0
            @(& $Cmdlet -LiteralPath $project).Count | Should -Be $here.Count
            @(Get-Item -LiteralPath $project | & $Cmdlet).Count | Should -Be $here.Count
        }

        It 'name projects whose schema is brought up to date' {
            $legacy = New-Item -ItemType Directory (Join-Path $folder 'old [1]')
            Set-Content -LiteralPath (Join-Path $legacy 'charly.yml') "version: 2026.163.0928`ndeploys:`n  host:`n    target: local`n"
            @($legacy | Update-CharlySchema -WhatIf -ErrorVariable problems -ErrorAction SilentlyContinue).Count | Should -Be 0
            (Get-Item -LiteralPath $legacy | Update-CharlySchema).File | Should -Be (Join-Path $legacy 'charly.yml')
        }
    }

    Context 'of other drives' {
        It 'are refused, and nothing is written: <Line>' -ForEach @(
            @{ Line = '$plan | Export-CharlyPlan env:charly' }
            @{ Line = '$plan | Show-CharlyPlan -As Html -Path variable:charly' }
            @{ Line = 'Export-CharlyDeployment -Path env:charly' }
            @{ Line = 'Export-CharlyVmState -Path env:charly' }
            @{ Line = 'Import-CharlyPlan env:HOME -ErrorAction Stop' }
            @{ Line = 'Import-CharlyPlan -LiteralPath env:HOME -ErrorAction Stop' }
            @{ Line = 'Test-CharlyProject env:HOME -ErrorAction Stop' }
            @{ Line = 'Get-CharlySecret -Path env:HOME' }
        ) {
            $record = Get-ErrorRecord ([scriptblock]::Create($Line))
            $record.FullyQualifiedErrorId | Should -Match '^usage,'
            $record.CategoryInfo.Category | Should -Be 'InvalidArgument'
            "$record" | Should -Match 'not of the file system'
            $record.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
            [System.IO.File]::Exists((Join-Path $project 'charly')) | Should -BeFalse
        }

        It 'that are not there end only their own item' {
            $plan | Export-CharlyPlan here.json
            $found = Import-CharlyPlan nodrive:x, here.json -ErrorVariable problems -ErrorAction SilentlyContinue
            $found.Name | Should -Be 'host'
            $problems.FullyQualifiedErrorId | Should -Match '^file\.not_found,'
            $problems.TargetObject | Should -Be 'nodrive:x'
        }

        It 'of the file system are followed' {
            $null = New-PSDrive charly FileSystem $folder
            try {
                $plan | Export-CharlyPlan charly:/drive.json
                (Import-CharlyPlan charly:/drive.json).Name | Should -Be 'host'
                Join-Path $folder 'drive.json' | Should -Exist
            }
            finally { Remove-PSDrive charly }
        }

        It 'leave the folder of the file system in force where nothing is named' {
            $here = @(Get-CharlyProblem).Count
            Push-Location env:
            try { @(Get-CharlyProblem).Count | Should -Be $here }
            finally { Pop-Location }
        }
    }

    It 'with wildcards are matched here before they are copied into a machine' {
        'a', 'b' | ForEach-Object { [System.IO.File]::WriteAllText((Join-Path $project "$_.tar"), 'x') }
        Copy-CharlyVmItem *.none web:/tmp/ -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems | Should -BeNullOrEmpty
        Copy-CharlyVmItem *.tar web:/tmp/ -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems.TargetObject | Should -Not -Contain "$project/*.tar"
        @($problems).Count | Should -Be 2
    }
}
